//! The registry of Windows through advapi32 of Wine's.

mod bounded;
mod compilers;
mod wine;

use wine::check;

/// What the program prints, by Wine and by emu.
const EXPECTED: &str = "create 0 1\r\n\
         again 0 2\r\n\
         set 0 0 0 0 0 0\r\n\
         text 0 1 6 hello\r\n\
         short 234 6\r\n\
         nothing 2\r\n\
         info 0: 3 keys, 7, 6 values\r\n\
         key child 0\r\n\
         key child 1\r\n\
         key child 2\r\n\
         rename 0\r\n\
         old 2\r\n\
         new 0\r\n\
         delete 0 2 0\r\n\
         full 1\r\n\
         tree 0 2\r\n\
         ";

#[test]
fn keys_and_values_are_made_listed_renamed_and_removed() {
    check(
        "registry.c",
        &["-ladvapi32"],
        &[],
        (EXPECTED, 0),
        &[
            "NtRenameKey(",
            "NtEnumerateKey(",
            "STATUS_OBJECT_NAME_NOT_FOUND",
        ],
    );
}
