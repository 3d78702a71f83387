//! Files of Windows through Wine's libraries: names that change, what is removed, views.

mod bounded;
mod compilers;
mod wine;

use bounded::run;
use wine::{LIMIT, check, wines};

#[test]
fn files_are_moved_copied_and_removed() {
    check(
        "files.c",
        &[],
        &[],
        (
            "inside 1\r\nmove 1 a.txt:0 b.txt:1\r\ncopy 1 0 80\r\nonto 0 183 1 b.txt:0\r\n\
             remove 0 c.txt:0 0 2\r\nread 3 456 end 1 6\r\nview x12\r\nclosed d.txt:0\r\nfull 0 145 1 e:0\r\n\
             rename -1\r\ngone 1\r\n",
            0,
        ),
        &[
            "FileName=\"\\??\\C:\\",
            "FILE_DELETE_ON_CLOSE",
            "{DeleteFile=TRUE}",
            "STATUS_DIRECTORY_NOT_EMPTY",
        ],
    );
}

#[test]
fn a_command_writes_shows_and_deletes_a_file() {
    for wine in wines() {
        let shell = wine.libraries.join("cmd.exe").display().to_string();
        let script = "echo one> a.txt & type a.txt & del a.txt & if not exist a.txt echo gone";
        let ended = run(&mut wine.emu(&[&shell, "/c", script]), b"", LIMIT);
        let told = (ended.out().replace("\r\n", "\n"), ended.status);
        assert_eq!(told, ("one \ngone\n".to_owned(), 0), "{}", ended.err());
    }
}
