//! What a pickle of `torch.save` describes, as a graph of plain values: calls are noted, never made.
//!
//! Only the opcodes that `torch.save` writes are known, and only the names that files of weights hold. Values
//! lie in one list and refer to one another by number, so that no depth and no cycle can trap whoever reads them.

use std::collections::HashMap;

use crate::pickle::Reader;

/// Number of a value.
pub type Id = usize;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `None`.
    Nothing,
    /// A truth value.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text or bytes.
    Text(&'a [u8]),
    /// A tuple.
    Tuple(Vec<Id>),
    /// A list.
    List(Vec<Id>),
    /// A dictionary, in the order in which it was filled.
    Dict(Vec<(Id, Id)>),
    /// A name of the list of known ones.
    Name(&'static str),
    /// A call that was not made: whom, with which tuple.
    Call(&'static str, Id),
    /// Something that the file holds outside the pickle.
    Outside(Id),
}

/// Everything a pickle described.
#[derive(Debug)]
pub struct Graph<'a> {
    values: Vec<Value<'a>>,
    /// The whole.
    pub root: Id,
}

/// Why a pickle is refused; nothing of it was run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It ends in the middle, or uses its stack wrongly.
    #[error("holds a damaged pickle: copy it again")]
    Damaged,
    /// An opcode that no file of weights needs.
    #[error(
        "holds a pickle with opcode {0:#04x}, which `torch.save` never writes: nothing of it was run"
    )]
    Opcode(u8),
    /// A name that no file of weights needs.
    #[error(
        "holds a pickle that names `{0}`, which no file of weights needs: nothing of it was run"
    )]
    Name(String),
    /// A container that would hold itself.
    #[error("holds a pickle with a value that contains itself: nothing of it was used")]
    Cycle,
    /// More values than any network has.
    #[error("holds a pickle of more than {MOST} values: no network has so many")]
    TooMany,
}

/// Values a pickle may have: a ResNet-200 with its optimiser has less than a hundred thousand.
const MOST: usize = 4_000_000;

/// Module and name of everything that files of weights name; the last is what it stands for here.
const KNOWN: &[(&str, &str)] = &[
    ("collections", "OrderedDict"),
    ("torch._utils", "_rebuild_tensor_v2"),
    ("torch._utils", "_rebuild_parameter"),
    ("torch", "FloatStorage"),
    ("torch", "DoubleStorage"),
    ("torch", "HalfStorage"),
    ("torch", "BFloat16Storage"),
    ("torch", "LongStorage"),
    ("torch", "IntStorage"),
    ("torch", "ShortStorage"),
    ("torch", "CharStorage"),
    ("torch", "ByteStorage"),
    ("torch", "BoolStorage"),
    ("numpy.core.multiarray", "scalar"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),
];

/// Reads one pickle from the front of a reader.
///
/// # Errors
/// When it is damaged, or holds what files of weights do not.
pub fn read<'a>(reader: &mut Reader<'a>) -> Result<Graph<'a>, Refused> {
    let mut machine = Machine::default();
    loop {
        let opcode = reader.byte().ok_or(Refused::Damaged)?;
        if opcode == b'.' {
            let root = machine.pop()?;
            return Ok(Graph { values: machine.values, root });
        }
        machine.step(opcode, reader)?;
        if machine.values.len() > MOST || machine.stack.len() > MOST {
            return Err(Refused::TooMany);
        }
    }
}

impl<'a> Graph<'a> {
    /// The value of that number.
    #[must_use]
    pub fn value(&self, id: Id) -> &Value<'a> {
        &self.values[id]
    }

    /// The members of a tuple.
    #[must_use]
    pub fn tuple(&self, id: Id) -> Option<&[Id]> {
        match self.value(id) {
            Value::Tuple(members) => Some(members),
            _ => None,
        }
    }

    /// A whole number that is not negative.
    #[must_use]
    pub fn size(&self, id: Id) -> Option<usize> {
        match self.value(id) {
            Value::Number(number) => usize::try_from(*number).ok(),
            _ => None,
        }
    }

    /// A text.
    #[must_use]
    pub fn text(&self, id: Id) -> Option<&'a str> {
        match self.value(id) {
            Value::Text(text) => std::str::from_utf8(text).ok(),
            _ => None,
        }
    }

    /// What lies outside the pickle, as the pickle describes it.
    pub fn outside(&self) -> impl Iterator<Item = Id> + '_ {
        self.values.iter().filter_map(|value| match value {
            Value::Outside(described) => Some(*described),
            _ => None,
        })
    }

    /// The value of a key in a dictionary.
    #[must_use]
    pub fn entry(&self, dict: Id, key: &str) -> Option<Id> {
        let Value::Dict(pairs) = self.value(dict) else { return None };
        pairs.iter().find(|(name, _)| self.text(*name) == Some(key)).map(|(_, value)| *value)
    }
}

#[derive(Debug, Default)]
struct Machine<'a> {
    values: Vec<Value<'a>>,
    /// How often each value is on the stack.
    held: Vec<u32>,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: HashMap<usize, Id>,
}

impl<'a> Machine<'a> {
    fn step(&mut self, opcode: u8, reader: &mut Reader<'a>) -> Result<(), Refused> {
        let number = |reader: &mut Reader<'a>, len| reader.number(len).ok_or(Refused::Damaged);
        match opcode {
            0x80 => number(reader, 1).map(drop)?,
            b'q' => return self.remember(number(reader, 1)?),
            b'r' => return self.remember(number(reader, 4)?),
            b'h' => return self.recall(number(reader, 1)?),
            b'j' => return self.recall(number(reader, 4)?),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => self.pop().map(drop)?,
            b'N' => self.push(Value::Nothing),
            0x88 | 0x89 => self.push(Value::Flag(opcode == 0x88)),
            b'K' | b'M' | b'J' | 0x8a | b'G' => {
                let value = numeral(opcode, reader).ok_or(Refused::Damaged)?;
                self.push(value);
            }
            b'X' | b'T' | b'U' => {
                let text = reader.sized(if opcode == b'U' { 1 } else { 4 });
                self.push(Value::Text(text.ok_or(Refused::Damaged)?));
            }
            b'}' => self.push(Value::Dict(Vec::new())),
            b']' => self.push(Value::List(Vec::new())),
            b')' => self.push(Value::Tuple(Vec::new())),
            b't' | 0x85..=0x87 => {
                let members = match opcode {
                    b't' => self.since_mark()?,
                    _ => self.last(usize::from(opcode - 0x84))?,
                };
                self.push(Value::Tuple(members));
            }
            b'c' => self.name(reader)?,
            b'Q' => {
                let what = self.pop()?;
                self.push(Value::Outside(what));
            }
            b'R' => self.call()?,
            b'b' => self.build()?,
            b'a' | b'e' => {
                let items = if opcode == b'e' { self.since_mark()? } else { self.last(1)? };
                self.append(items)?;
            }
            b's' | b'u' => {
                let items = if opcode == b'u' { self.since_mark()? } else { self.last(2)? };
                self.fill(&items)?;
            }
            other => return Err(Refused::Opcode(other)),
        }
        Ok(())
    }

    fn push(&mut self, value: Value<'a>) {
        self.values.push(value);
        self.held.push(1);
        self.stack.push(self.values.len() - 1);
    }

    fn pop(&mut self) -> Result<Id, Refused> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return Err(Refused::Damaged);
        }
        let id = self.stack.pop().ok_or(Refused::Damaged)?;
        self.held[id] -= 1;
        Ok(id)
    }

    fn last(&mut self, count: usize) -> Result<Vec<Id>, Refused> {
        let mut taken = (0..count).map(|_| self.pop()).collect::<Result<Vec<_>, _>>()?;
        taken.reverse();
        Ok(taken)
    }

    fn since_mark(&mut self) -> Result<Vec<Id>, Refused> {
        let mark = *self.marks.last().ok_or(Refused::Damaged)?;
        let taken = self.last(self.stack.len() - mark)?;
        self.marks.pop();
        Ok(taken)
    }

    fn top(&self) -> Result<Id, Refused> {
        self.stack.last().copied().ok_or(Refused::Damaged)
    }

    fn remember(&mut self, key: usize) -> Result<(), Refused> {
        self.memo.insert(key, self.top()?);
        Ok(())
    }

    /// What is still being filled is on the stack: to recall it would put it into itself.
    fn recall(&mut self, key: usize) -> Result<(), Refused> {
        let id = *self.memo.get(&key).ok_or(Refused::Damaged)?;
        let open = matches!(self.values[id], Value::Dict(_) | Value::List(_));
        if open && self.held[id] > 0 {
            return Err(Refused::Cycle);
        }
        self.held[id] += 1;
        self.stack.push(id);
        Ok(())
    }

    fn name(&mut self, reader: &mut Reader<'a>) -> Result<(), Refused> {
        let (module, name) = (reader.line(), reader.line());
        let (Some(module), Some(name)) = (module, name) else { return Err(Refused::Damaged) };
        let known =
            KNOWN.iter().find(|known| known.0.as_bytes() == module && known.1.as_bytes() == name);
        let Some((_, known)) = known else {
            let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
            let said = format!("{}.{}", text(module), text(name));
            return Err(Refused::Name(elth_core::quote::quote(&said)));
        };
        self.push(Value::Name(known));
        Ok(())
    }

    fn call(&mut self) -> Result<(), Refused> {
        let (arguments, whom) = (self.pop()?, self.pop()?);
        let Value::Name(whom) = self.values[whom] else { return Err(Refused::Damaged) };
        let made = if whom == "OrderedDict" {
            Value::Dict(Vec::new())
        } else {
            Value::Call(whom, arguments)
        };
        self.push(made);
        Ok(())
    }

    /// The state of a dictionary is torch's metadata, that of a type its layout: neither is needed.
    fn build(&mut self) -> Result<(), Refused> {
        self.pop()?;
        match self.values[self.top()?] {
            Value::Dict(_) | Value::Call("dtype", _) => Ok(()),
            _ => Err(Refused::Damaged),
        }
    }

    fn append(&mut self, items: Vec<Id>) -> Result<(), Refused> {
        let list = self.top()?;
        match &mut self.values[list] {
            Value::List(members) => members.extend(items),
            _ => return Err(Refused::Damaged),
        }
        Ok(())
    }

    fn fill(&mut self, items: &[Id]) -> Result<(), Refused> {
        let dict = self.top()?;
        let Value::Dict(pairs) = &mut self.values[dict] else { return Err(Refused::Damaged) };
        if !items.len().is_multiple_of(2) {
            return Err(Refused::Damaged);
        }
        pairs.extend(items.chunks_exact(2).map(|pair| (pair[0], pair[1])));
        Ok(())
    }
}

fn numeral<'a>(opcode: u8, reader: &mut Reader<'a>) -> Option<Value<'a>> {
    Some(match opcode {
        b'K' => Value::Number(i64::from(reader.byte()?)),
        b'M' => Value::Number(i64::from(u16::from_le_bytes(reader.take(2)?.try_into().ok()?))),
        b'J' => Value::Number(i64::from(i32::from_le_bytes(reader.take(4)?.try_into().ok()?))),
        b'G' => Value::Float(f64::from_be_bytes(reader.take(8)?.try_into().ok()?)),
        _ => {
            let bytes = reader.sized(1)?;
            let negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
            let mut eight = if negative { [0xff; 8] } else { [0; 8] };
            // Longer numbers than eight bytes stand for nothing that is needed: the magic number of old files.
            let len = bytes.len().min(8);
            eight[..len].copy_from_slice(&bytes[..len]);
            Value::Number(i64::from_le_bytes(eight))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> String {
        let mut reader = Reader { rest: bytes };
        read(&mut reader).map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn what_torch_never_writes_is_refused_by_name() {
        for (bytes, says) in [
            (&b"\x80\x02cos\nsystem\nX\x04\0\0\0true\x85R."[..], "names `os.system`"),
            (b"\x80\x02cbuiltins\neval\n.", "names `builtins.eval`"),
            (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", "opcode 0x8c"),
            (b"\x80\x02(ios\nsystem\n.", "opcode 0x69"),
            (b"\x80\x02}q\0X\x01\0\0\0ah\0s.", "contains itself"),
            (b"\x80\x02]q\0h\0a.", "contains itself"),
            (b"\x80\x02}q\0(X\x01\0\0\0a]h\0au.", "contains itself"),
            (b"\x80\x02", "damaged"),
            (b"", "damaged"),
            (b"\x80\x02X\xff\xff\xff\x7fabc.", "damaged"),
            (b"\x80\x02h\x05.", "damaged"),
            (b"\x80\x02(.", "damaged"),
            (b"t.", "damaged"),
            (b"\x80\x02K\x01K\x02R.", "damaged"),
            (b"\x80\x02K\x01K\x02b.", "damaged"),
            (b"\x80\x02}(K\x01u.", "damaged"),
            (b"\x80\x02}.", ""),
        ] {
            let said = refused(bytes);
            assert!(said.contains(says) && said.is_empty() == says.is_empty(), "{bytes:?}: {said}");
        }
    }

    #[test]
    fn values_come_out_as_they_were_described() {
        let bytes = b"\x80\x02}q\0(X\x01\0\0\0aJ\xff\xff\xff\xffX\x01\0\0\0b(K\x01M\x00\x01\x8a\x01\x80G?\xe0\0\0\0\0\0\0tu.";
        let graph = read(&mut Reader { rest: bytes }).unwrap();
        let entry = |key| graph.entry(graph.root, key).unwrap();
        assert_eq!(graph.value(entry("a")), &Value::Number(-1));
        let members = graph.tuple(entry("b")).unwrap();
        let values: Vec<_> = members.iter().map(|id| graph.value(*id).clone()).collect();
        assert_eq!(
            values,
            [Value::Number(1), Value::Number(256), Value::Number(-128), Value::Float(0.5)]
        );
    }
}
