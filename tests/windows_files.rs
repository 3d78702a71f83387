//! Files of Windows through Wine's libraries: names that change, what is removed, views; who shares, locks and watches them;
//! what goes with a handle.

mod bounded;
mod compilers;
mod wine;

use bounded::run;
use wine::{LIMIT, check, check_alone, wines};

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

#[test]
fn names_and_bytes_are_shared_as_each_handle_says() {
    check(
        "files_shared.c",
        &[],
        &[],
        (
            "reader shares 0: 32 32 32 32 ok 32\r\n\
             reader shares 1: ok 32 32 32 ok 32\r\n\
             reader shares 2: 32 ok 32 ok ok 32\r\n\
             reader shares 3: ok ok 32 ok ok 32\r\n\
             reader shares 4: 32 32 ok 32 ok 32\r\n\
             reader shares 5: ok 32 ok 32 ok 32\r\n\
             reader shares 6: 32 ok ok ok ok 32\r\n\
             reader shares 7: ok ok ok ok ok 32\r\n\
             attributes only: ok\r\n\
             write by reader 0 5\r\n\
             read by writer 0 5\r\n\
             append 1 1 012345\r\n\
             plain 20 set 1 1\r\n\
             read-only: ok delete 0 5\r\n\
             again 0: ok\r\n\
             made read-only 1 1 1\r\n\
             delete not shared 0 32 move 0 32\r\n\
             onto open 0 5\r\n\
             onto closed 1\r\n\
             link 1 links 2 size 6 again 0 183\r\n\
             left 1 directory 1 4294967295\r\n\
             gone 1\r\n",
            0,
        ),
        &["FileLinkInformation", "STATUS_SHARING_VIOLATION"],
    );
}

#[test]
fn what_is_read_only_hidden_or_about_to_go_is_not_opened() {
    check_alone(
        "files_documented.c",
        &[],
        (
            "cut by a reader 0 5\r\n\
             read-only 1\r\n\
             to be read 1\r\n\
             to be written 0, error 5\r\n\
             over it 0, error 5\r\n\
             to go 0, error 5\r\n\
             normal 80\r\n\
             hidden 22 22\r\n\
             over it 0, error 5\r\n\
             over it, hidden 1\r\n\
             the system's 6\r\n\
             directory 13 removed 0 5\r\n\
             directory ffffffff removed 1\r\n\
             times 1 1d00000:10 1d10000:20 1d20000:30\r\n\
             removed while open 1\r\n\
             opened again 0, error 5\r\n\
             made again 0, error 5\r\n\
             goes 1, names 0\r\n\
             made then 1\r\n\
             before 1\r\n\
             after 0, error 5\r\n\
             gone 1\r\n\
             directory removed 1\r\n\
             made in it 0, error 5\r\n\
             gone 1\r\n\
             moved with something open 0 5\r\n\
             moved then 1 removed 1\r\n\
             told 1 silenced 1 told 0\r\n",
            0,
        ),
        &["STATUS_DELETE_PENDING", "STATUS_CANNOT_DELETE"],
    );
}

#[test]
fn handles_that_others_close_leave_nothing() {
    check(
        "files_closed.c",
        &[],
        &[],
        (
            "made 1 left 0\r\n\
             twin 1 there 1 0\r\n\
             nowhere 0 998 kept 1 4\r\n\
             broken 0 109\r\n\
             protected 1 twin 1\r\n\
             child 1\r\n\
             read 5 hello\r\n\
             while it runs: file 1, event 1\r\n\
             more 0 997\r\n\
             over 0 109\r\n\
             after it 7: file 0, event 0\r\n",
            0,
        ),
        &["NtDuplicateObject("],
    );
}

#[test]
fn locks_are_their_owners() {
    check_alone(
        "files_locks.c",
        &[],
        (
            "exclusive 1\r\n\
             exclusive by another 0 33\r\n\
             shared by another 0 33\r\n\
             exclusive next to it 1\r\n\
             once more 0 33\r\n\
             shared 1\r\n\
             shared by another 1\r\n\
             exclusive over shared 0 33\r\n\
             a part 0 158\r\n\
             another's 0 158\r\n\
             read own 1\r\n\
             write own 1\r\n\
             read another's 0 33\r\n\
             write another's 0 33\r\n\
             read beside 1\r\n\
             read shared 1\r\n\
             write shared 0 33\r\n\
             write shared of both 0 33\r\n\
             shared over own exclusive 1\r\n\
             the exclusive one 1\r\n\
             read shared 1\r\n\
             write shared 0 33\r\n\
             the shared one 1\r\n\
             exclusive again 1\r\n\
             all of it 1\r\n\
             waited for 1\r\n\
             later 0 997 event 0\r\n\
             given up 1\r\n\
             then 1 event 1\r\n\
             taken 0 33\r\n\
             let go by closing 1\r\n\
             removed 1\r\n",
            0,
        ),
        &[
            "NtLockFile(",
            "STATUS_FILE_LOCK_CONFLICT",
            "STATUS_RANGE_NOT_LOCKED",
        ],
    );
}

#[test]
fn directories_are_watched() {
    check_alone(
        "files_watched.c",
        &[],
        (
            "waited for: 1 thread\r\n\
             kept: 1 a 4 a 5 c 2 thread\r\n\
             begun 1 event 258\r\n\
             event 0\r\n\
             first: 1 sub\\new\r\n\
             rest: 3 sub\\new 2 sub\\new 1 new 2 e\r\n\
             many: too much\r\n\
             cancelled 1 0 995\r\n\
             change 258 258 0 next 1 258 0 close 1\r\n",
            0,
        ),
        &["NtNotifyChangeDirectoryFile(", "STATUS_NOTIFY_ENUM_DIR"],
    );
}

#[test]
fn ports_functions_and_events_tell_of_transfers() {
    check(
        "files_ports.c",
        &[],
        &[],
        (
            "joined 1\r\n\
             connect 0 997\r\n\
             nobody yet: 0 key 0 transfer 99 bytes 0 error 258\r\n\
             connected: 1 key 5 transfer 1 bytes 0 error 0\r\n\
             read 0 997\r\n\
             nothing yet: 0 key 0 transfer 99 bytes 0 error 258\r\n\
             read: 1 key 5 transfer 2 bytes 3 error 0\r\n\
             data abc\r\n\
             written at once: 1 key 5 transfer 4 bytes 4 error 0\r\n\
             read 1 1 4\r\n\
             read 0 997 wait 258 0 1 2\r\n\
             written: 1 key 5 transfer 5 bytes 2 error 0\r\n\
             begun 1\r\n\
             called: error 0 bytes 5 transfer 6\r\n\
             sleep 192\r\n\
             written: 1 key 5 transfer 7 bytes 5 error 0\r\n\
             cancelled: 0 key 5 transfer 8 bytes 0 error 995\r\n\
             broken: 0 key 5 transfer 8 bytes 0 error 109\r\n\
             file written: 1 key 6 transfer 0 bytes 10 error 0\r\n\
             file read: 1 key 6 transfer 0 bytes 5 error 0\r\n",
            0,
        ),
        &["FileCompletionInformation"],
    );
}

#[test]
fn pages_are_scattered_and_gathered() {
    check(
        "files_scattered.c",
        &[],
        &[],
        (
            "gathered 1 12288 size 12288\r\n\
             scattered 1 8192 00 xx xx 11\r\n",
            0,
        ),
        &["NtReadFileScatter(", "NtWriteFileGather("],
    );
}

#[test]
fn mailslots_keep_messages_apart() {
    check_alone(
        "mailslots.c",
        &[],
        (
            "nobody there 0 2\r\n\
             made 1\r\n\
             made twice 0 183\r\n\
             most 16 next -1 count 0 timeout 0\r\n\
             read 0 error 121\r\n\
             opened 1\r\n\
             written 1 5\r\n\
             written 1 10\r\n\
             most 16 next 5 count 2 timeout 0\r\n\
             read 0 error 122\r\n\
             read 1 5 first\r\n\
             read 1 10 second one\r\n\
             set 1\r\n\
             most 16 next -1 count 0 timeout 30\r\n\
             read 0 error 121\r\n\
             set 1\r\n\
             most 16 next -1 count 0 timeout -1\r\n\
             read 1 4 late\r\n\
             closed 0\r\n\
             null 1 type 2 write 1 1 read 1 0\r\n\
             twice 1\r\n",
            0,
        ),
        &["NtCreateMailslotFile(", "STATUS_IO_TIMEOUT"],
    );
}

#[test]
fn objects_have_names_and_types() {
    check_alone(
        "objects.c",
        &[],
        (
            "file: File 00000000 \\Device\\HarddiskVolume1\\emu-objects\r\n\
             event: Event 00000000 \\BaseNamedObjects\\emu objects\r\n\
             nameless: Mutant 00000000 \r\n\
             semaphore: Semaphore 00000000 \r\n\
             section: Section 00000000 \r\n\
             key: Key 00000000 \\REGISTRY\\Machine\\Software\r\n\
             process: Process 00000000 \r\n\
             thread: Thread 00000000 \r\n\
             port: IoCompletion 00000000 \r\n\
             small 80000005 needs 1\r\n\
             none c0000008\r\n\
             twin 00000000\r\n\
             by name 00000000\r\n\
             ends c00001ac\r\n\
             kinds c00001ac\r\n\
             own 00000000\r\n\
             none c0000008\r\n",
            0,
        ),
        &["NtCompareObjects("],
    );
}

#[test]
fn files_have_extended_attributes() {
    check_alone(
        "files_extended.c",
        &[],
        (
            "none c0000052\r\n\
             set 00000000\r\n\
             size 40\r\n\
             all 00000000 ANIMAL=cat COLOUR=red\r\n\
             one 00000000 ANIMAL=cat\r\n\
             next 00000000 COLOUR=red\r\n\
             end 80000012\r\n\
             from the second 00000000 COLOUR=red\r\n\
             named 00000000 COLOUR=red NONE=\r\n\
             little room 80000005 ANIMAL=cat\r\n\
             no room c0000023\r\n\
             removed 00000000 COLOUR=red\r\n\
             bad name 80000013\r\n\
             bad list 80000014\r\n\
             by a reader c0000022\r\n",
            0,
        ),
        &["NtQueryEaFile(", "NtSetEaFile("],
    );
}

#[test]
fn streams_are_contents_besides_a_files_own() {
    check_alone(
        "files_streams.c",
        &[],
        (
            "a.txt: 7, error 0\r\n\
             a.txt:Zone.Identifier: 26, error 0\r\n\
             a.txt:zone.identifier:$data: \"[ZoneTransfer]\r\r\n\
             ZoneId=3\r\r\n\
             \", 26 bytes\r\n\
             a.txt: \"content\", 7 bytes\r\n\
             a.txt::$DATA: \"content\", 7 bytes\r\n\
             a.txt:Zone.Identifier: error 80\r\n\
             a.txt:Zone.Identifier: 6, error 183\r\n\
             a.txt:odd <name>*?: 3, error 0\r\n\
             a.txt: ::$DATA 7 :Zone.Identifier:$DATA 6 :odd <name>*?:$DATA 3, in little room error 234\r\n\
             a.txt:other: error 2\r\n\
             b.txt:other: error 2\r\n\
             by name 6, attributes 20\r\n\
             wrong names\r\n\
             a.txt:: error 123\r\n\
             a.txt:x:$OTHER: error 123\r\n\
             a.txt:x:$DATA:y: error 123\r\n\
             a.txt:x\\y: error 123\r\n\
             a.txt::: error 123\r\n\
             a new file by its stream\r\n\
             new.txt:first: 3, error 0\r\n\
             new.txt: ::$DATA 0 :first:$DATA 3, in little room error 234\r\n\
             new.txt: \"\", 0 bytes\r\n\
             directories\r\n\
             dir:notes: 14, error 0\r\n\
             dir:notes: \"of a directory\", 14 bytes\r\n\
             dir: :notes:$DATA 14, in little room error 234\r\n\
             dir::$DATA: error 5\r\n\
             dir\\in:notes: 5, error 0\r\n\
             shared apart\r\n\
             a.txt: error 32\r\n\
             a.txt:Zone.Identifier: \"[Zone]\", 6 bytes\r\n\
             one 1\r\n\
             a.txt:Zone.Identifier: error 32\r\n\
             moved\r\n\
             1\r\n\
             c.txt:Zone.Identifier: \"[Zone]\", 6 bytes\r\n\
             a.txt:Zone.Identifier: error 2\r\n\
             c.txt:Zone.Identifier as :zone: 00000000\r\n\
             c.txt:zone as :odd <NAME>*?: c0000035\r\n\
             c.txt:zone as :odd <NAME>*?: 00000000\r\n\
             c.txt:odd <name>*? as plain: c000000d\r\n\
             c.txt: ::$DATA 7 :odd <NAME>*?:$DATA 6, in little room error 234\r\n\
             read-only\r\n\
             c.txt:odd <name>*?: error 5\r\n\
             c.txt:more: error 5\r\n\
             c.txt:odd <name>*?: \"[Zone]\", 6 bytes\r\n\
             sizes\r\n\
             3 of 7, the same file 1\r\n\
             removed\r\n\
             c.txt: ::$DATA 7\r\n\
             c.txt:second: 1, error 0\r\n\
             c.txt:third: 1, error 0\r\n\
             1\r\n\
             c.txt: ::$DATA 7 :third:$DATA 1, in little room error 234\r\n\
             c.txt: 5, error 183\r\n\
             c.txt: ::$DATA 5\r\n\
             c.txt:last: 1, error 0\r\n\
             1\r\n\
             c.txt: error 5\r\n\
             c.txt: error 2\r\n\
             c.txt: 7, error 0\r\n\
             c.txt: ::$DATA 7\r\n\
             empty 1\r\n",
            0,
        ),
        &["STATUS_OBJECT_NAME_INVALID", "a.txt:Zone.Identifier\""],
    );
}

#[test]
fn files_are_opened_by_their_numbers() {
    let first = "by number: \"content\"\r\nmoved: \"content\"\r\n";
    check("files_ids.c", &[], &["shared"], (first, 0), &[]);
    let all = format!(
        "{first}another: error 87\r\n\
         none: error 2, 0 bytes\r\n\
         made: error 0, 64 bytes\r\n\
         again: error 0, 64 bytes\r\n\
         the same 1, born so 1\r\n\
         little room: error 87, 0 bytes\r\n\
         by object ID: 00000000 \"content\"\r\n\
         set: error 5, 0 bytes\r\n\
         removed: error 0, 0 bytes\r\n\
         once more: error 0, 0 bytes\r\n\
         gone: error 2, 0 bytes\r\n\
         by object ID: c0000034\r\n\
         removed: error 87\r\n"
    );
    check_alone(
        "files_ids.c",
        &[],
        (&all, 0),
        &["FILE_OPEN_BY_FILE_ID", "FSCTL_CREATE_OR_GET_OBJECT_ID"],
    );
}
