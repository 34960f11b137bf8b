//! Files that lie, import by import.

use std::fs;

use super::{Wishes, import};

#[test]
fn files_that_lie_are_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let stored = |pickle: &[u8]| {
        // A member that is stored, written by the tests' own hand: sums are checked, so they are right.
        let mut crc = flate2::Crc::new();
        crc.update(pickle);
        let sizes = [crc.sum(), pickle.len().try_into().unwrap(), pickle.len().try_into().unwrap()];
        let mut common = vec![0; 10];
        common.extend(sizes.iter().flat_map(|size: &u32| size.to_le_bytes()));
        common.extend([10, 0]);
        let mut bytes = [b"PK\x03\x04", &common[..], &[0, 0], b"a/data.pkl", pickle].concat();
        let at = u32::try_from(bytes.len()).unwrap();
        let entry = [b"PK\x01\x02\0\0", &common[..], &[0; 16], b"a/data.pkl"].concat();
        let size = u32::try_from(entry.len()).unwrap();
        bytes.extend(entry);
        bytes.extend([b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &size.to_le_bytes()[..]].concat());
        bytes.extend([&at.to_le_bytes()[..], &[0, 0]].concat());
        bytes
    };
    let tensor = |storage: &str, sizes: &str| {
        format!(
            "\u{2}}}X\u{9}\0\0\0fc.weightctorch._utils\n_rebuild_tensor_v2\n((X\u{7}\0\0\0storagectorch\n{storage}\nX\u{1}\0\0\00X\u{3}\0\0\0cpuK\u{1}tQK\0({sizes}t({sizes}tNtRs."
        )
    };
    let pickle = |text: String| [&[0x80], text.as_bytes()].concat();
    for (name, bytes, says) in [
        ("system", stored(b"\x80\x02cposix\nsystem\nX\x02\0\0\0id\x85R."), "names `posix.system`"),
        ("cycle", stored(b"\x80\x02}q\0X\x01\0\0\0ah\0s."), "contains itself"),
        (
            "huge",
            stored(&pickle(tensor(
                "FloatStorage",
                "J\u{7f}\u{7f}\u{7f}\u{7f}J\u{7f}\u{7f}\u{7f}\u{7f}",
            ))),
            "more bytes than it has",
        ),
        (
            "absent",
            stored(&pickle(tensor("FloatStorage", "K\u{1}"))),
            "no tensor that lies in the file",
        ),
        ("list", stored(b"\x80\x02]."), "is no file of `torch.save`"),
        ("empty", Vec::new(), "is no file of `torch.save`"),
        ("text", b"weights".to_vec(), "is no file of `torch.save`"),
        ("cut", stored(b"\x80\x02}.")[..40].to_vec(), "is a damaged archive"),
        (
            "deflated",
            {
                let mut bytes = stored(b"\x80\x02}.");
                let at = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
                bytes[at + 10] = 8;
                bytes
            },
            "compressed",
        ),
        (
            "changed",
            {
                let mut bytes = stored(b"\x80\x02}.");
                bytes[41] = b']';
                bytes
            },
            "other bytes than its sum says",
        ),
    ] {
        let path = folder.path().join(format!("{name}.pth"));
        fs::write(&path, bytes).unwrap();
        let said = import(&[path], &Wishes::default(), &out).unwrap_err().to_string();
        assert!(said.contains(says), "{name}: {said}");
        assert!(!out.exists(), "{name}");
    }
}
