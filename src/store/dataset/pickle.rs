//! A batch of CIFAR's Python layout, read as a list of opcodes: nothing of the pickle is run.
//!
//! The published files are dictionaries with, among others, `labels` (a list of small numbers; `fine_labels` where there are
//! coarse ones too) and `data` (one
//! array of bytes). The reader looks for these two after their keys and checks their sizes; whatever
//! else a pickle could do is refused or skipped over.

use crate::{
    dataset::{Error, Name, Split, file::File},
    pickle::Reader,
};

const EXPECTED: &str = "a pickled batch of CIFAR";

/// What the reader tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token<'a> {
    /// A string of bytes or of text.
    Text(&'a [u8]),
    /// A whole number.
    Number(usize),
    /// The start of a dictionary, list or tuple, or of a sequence that closes one.
    Structure,
    /// The Boolean false: an array whose last index moves fastest.
    False,
    /// Something that builds or fills a value.
    Build,
    /// Something that stands for no value: the version, and the pickle's memory.
    Nothing,
}

/// Reads one batch of so many images.
pub fn decode(file: &File, per_batch: usize) -> Result<Split, Error> {
    let shape = file.set.shape();
    let key: &[u8] = if file.set == Name::Cifar100 { b"fine_labels" } else { b"labels" };
    let foreign = || file.foreign(EXPECTED);
    // Tokens take more memory than bytes: a file that is far too long is not taken apart.
    if file.bytes.len() > 2 * per_batch * (1 + shape.values()) {
        return Err(foreign());
    }
    let tokens = tokens(&file.bytes).ok_or_else(foreign)?;
    let labels = labels(&tokens, key).ok_or_else(foreign)?;
    let images = array(&tokens, per_batch, shape.values()).ok_or_else(foreign)?.to_vec();
    if labels.len() != per_batch {
        return Err(file.counts(per_batch, labels.len()));
    }
    file.check_labels(&labels)?;
    Ok(Split { images: images.into(), labels, shape })
}

/// The numbers after the key of the labels.
fn labels(tokens: &[Token], key: &[u8]) -> Option<Vec<u16>> {
    let number = |token: &Token| match token {
        Token::Number(number) => Some(u16::try_from(*number).ok()),
        _ => None,
    };
    after(tokens, key)?
        .iter()
        .take_while(|token| matches!(token, Token::Number(_) | Token::Structure))
        .filter_map(number)
        .collect()
}

/// The bytes of the array after the key `data`, if it has the right type, shape and order.
fn array<'a>(tokens: &[Token<'a>], rows: usize, columns: usize) -> Option<&'a [u8]> {
    let value = after(tokens, b"data")?;
    let is_bytes =
        |token: &Token| matches!(token, Token::Text(text) if text.len() == rows * columns);
    let at = value.iter().position(is_bytes)?;
    let (head, bytes) = (&value[..at], &value[at]);
    let right = head.windows(2).any(|pair| pair == [rows, columns].map(Token::Number))
        && head.contains(&Token::Text(b"u1"))
        && head.last() == Some(&Token::False);
    match bytes {
        Token::Text(bytes) if right => Some(bytes),
        _ => None,
    }
}

fn after<'t, 'a>(tokens: &'t [Token<'a>], key: &[u8]) -> Option<&'t [Token<'a>]> {
    let at = tokens.iter().position(|token| *token == Token::Text(key))?;
    tokens.get(at + 1..)
}

/// Every token up to the end, which must be the file's; memory opcodes are left out.
fn tokens(bytes: &[u8]) -> Option<Vec<Token<'_>>> {
    let mut reader = Reader { rest: bytes };
    let mut tokens = Vec::new();
    loop {
        let opcode = reader.byte()?;
        if opcode == b'.' {
            return reader.rest.is_empty().then_some(tokens);
        }
        let token = token(&mut reader, opcode)?;
        if token != Token::Nothing {
            tokens.push(token);
        }
    }
}

/// One opcode with its arguments, none where it is not one of a batch's.
fn token<'a>(reader: &mut Reader<'a>, opcode: u8) -> Option<Token<'a>> {
    Some(match opcode {
        // PROTO, BINPUT, BINGET, LONG_BINPUT, LONG_BINGET, FRAME, MEMOIZE
        0x80 | b'q' | b'h' => reader.take(1).map(|_| Token::Nothing)?,
        b'r' | b'j' => reader.take(4).map(|_| Token::Nothing)?,
        0x95 => reader.take(8).map(|_| Token::Nothing)?,
        0x94 => Token::Nothing,
        // SHORT_BINSTRING, SHORT_BINBYTES, SHORT_BINUNICODE; BINSTRING, BINBYTES, BINUNICODE
        b'U' | b'C' | 0x8c => Token::Text(reader.sized(1)?),
        b'T' | b'B' | b'X' => Token::Text(reader.sized(4)?),
        // BININT, BININT1, BININT2
        b'J' => Token::Number(reader.number(4)?),
        b'K' => Token::Number(reader.number(1)?),
        b'M' => Token::Number(reader.number(2)?),
        // GLOBAL: two lines
        b'c' => reader.line().and_then(|_| reader.line()).map(|_| Token::Build)?,
        0x89 => Token::False,
        // EMPTY_DICT, EMPTY_LIST, EMPTY_TUPLE, MARK, APPEND, APPENDS
        b'}' | b']' | b')' | b'(' | b'a' | b'e' => Token::Structure,
        // NONE, TRUE, TUPLE, TUPLE1, TUPLE2, TUPLE3, REDUCE, BUILD, SETITEM, SETITEMS, STACK_GLOBAL
        b'N' | 0x88 | b't' | 0x85..=0x87 | b'R' | b'b' | b's' | b'u' | 0x93 => Token::Build,
        _ => return None,
    })
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A batch as Python 2 wrote the published ones: strings as strings, one array, lists in parts of 1,000.
    pub fn pickled(key: &str, labels: &[u8], images: &[u8]) -> Vec<u8> {
        let mut out =
            b"\x80\x02}q\x01(U\x0bbatch_labelq\x02U\x15training batch 1 of 5q\x03".to_vec();
        out.extend([b'U', u8::try_from(key.len()).unwrap()]);
        out.extend([key.as_bytes(), b"q\x04]q\x05"].concat());
        for part in labels.chunks(1_000) {
            out.push(b'(');
            out.extend(part.iter().flat_map(|label| [b'K', *label]));
            out.push(b'e');
        }
        out.extend(
            b"U\x04dataq\x06cnumpy.core.multiarray\n_reconstruct\nq\x07cnumpy\nndarray\nq\x08",
        );
        out.extend(b"K\x00\x85U\x01b\x87Rq\x09(K\x01M");
        out.extend(u16::try_from(labels.len()).unwrap().to_le_bytes());
        out.extend(b"M\x00\x0c\x86cnumpy\ndtype\nq\x0aU\x02u1K\x00K\x01\x87Rq\x0b(K\x03U\x01|NNN");
        out.extend(b"J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T");
        out.extend(u32::try_from(images.len()).unwrap().to_le_bytes());
        out.extend(images);
        out.extend(b"tbU\x09filenamesq\x0c]q\x0d(U\x05a.pngq\x0eU\x05b.pngq\x0feu.");
        out
    }

    fn check(change: impl Fn(&mut Vec<u8>), words: &str) {
        let mut bytes = pickled("labels", &[3, 9], &[7; 6_144]);
        change(&mut bytes);
        let file = File { set: Name::Cifar10, path: "data_batch_1".into(), bytes };
        let said = decode(&file, 2).map_or_else(|error| error.to_string(), |_| String::new());
        assert!(said.contains(words) && said.is_empty() == words.is_empty(), "{said}");
    }

    fn replace(bytes: &mut Vec<u8>, old: &[u8], new: &[u8]) {
        let at = bytes.windows(old.len()).position(|part| part == old).unwrap();
        bytes.splice(at..at + old.len(), new.iter().copied());
    }

    #[test]
    fn only_a_whole_batch_is_taken() {
        const FOREIGN: &str = "`data_batch_1` is not a pickled batch of CIFAR: fetch it again";
        check(|_| (), "");
        check(|bytes| bytes.truncate(bytes.len() - 1), FOREIGN);
        check(|bytes| bytes.truncate(3_000), FOREIGN);
        check(|bytes| bytes.push(0), FOREIGN);
        check(Vec::clear, FOREIGN);
        check(|bytes| replace(bytes, b"labels", b"Labels"), FOREIGN);
        check(|bytes| replace(bytes, b"u1", b"i1"), FOREIGN);
        check(|bytes| replace(bytes, b"tb\x89T", b"tb\x88T"), FOREIGN);
        check(|bytes| replace(bytes, b"K\x03K\x09", b"K\x03"), "holds 1 labels for 2 images");
        check(|bytes| replace(bytes, b"K\x03K\x09", b"K\x03K\x0a"), "labels image 1 as 10");
    }
}
