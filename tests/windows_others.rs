//! Processes of Windows and others': memory and threads of another process.

mod bounded;
mod compilers;
mod wine;

use bounded::run;
use wine::{LIMIT, check, check_alone, wines};

#[test]
fn a_process_puts_code_into_another() {
    let lines = [
        "NtAllocateVirtualMemory(",
        "NtWriteVirtualMemory(",
        "NtCreateThreadEx(",
        "NtQueueApcThread(",
        "NtUnmapViewOfSection(",
        "NtSetContextThread(",
    ];
    check("injected.c", &["-lntdll"], &[], (INJECTED, 0), &lines);
}

#[test]
fn a_debugger_is_told_and_says_how_to_go_on() {
    let lines = [
        "NtCreateDebugObject(",
        "NtWaitForDebugEvent(",
        "NtDebugContinue(",
        "NtDebugActiveProcess(",
        "NtRemoveProcessDebug(",
    ];
    check("debugger.c", &["-lntdll"], &[], (DEBUGGED, 0), &lines);
}

#[test]
fn priorities_are_told_as_they_are_set() {
    check("priorities.c", &[], &[], (PRIORITIES, 0), &[]);
}

#[test]
fn access_is_checked() {
    check(
        "access.c",
        &["-ladvapi32"],
        &[],
        (ACCESS, 0),
        &["NtAccessCheck("],
    );
}

#[test]
fn the_service_of_debuggers_is_a_breakpoint() {
    // Wine 8 passes over it.
    for wine in wines() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let program = wine.build(folder.path(), "service.c", &[]);
        let ended = run(&mut wine.emu(&[&program.display().to_string()]), b"", LIMIT);
        let told = (ended.out(), ended.status);
        assert_eq!(told, ("code 80000003, 2 behind it\r\n".into(), 0));
    }
}

const ACCESS: &str = "\
    acts 1\r\n\
    token 1\r\n\
    120089: 1, granted 120089\r\n\
    2: 0, granted 0\r\n\
    1: 1, granted 1\r\n\
    40000: 0, granted 0\r\n\
    40000: 1, granted 40000\r\n\
    1: 0, granted 0\r\n\
    2: 1, granted 2\r\n\
    1: 1, granted 1\r\n\
    1: 0, granted 0\r\n\
    1: 0, granted 0\r\n\
    1: 0, granted 0\r\n\
    1: 1, granted 1\r\n\
    2000000: 1, granted 120089\r\n\
    80000000: error 1360\r\n\
    1: error 1338\r\n\
    1: error 1309\r\n\
    reverted 1 0 1008\r\n\
";

const DEBUGGED: &str = "\
    debugged 0 0 0, children 1, object c0000353 0\r\n\
    process 1 1, handles 1 1\r\n\
    base 1, file 1\r\n\
    library 1\r\n\
    begins\r\n\
    debugged 1 1 -1, children 0, object 0 1\r\n\
    text said\r\n\
    thread 1\r\n\
    thread ended with 11\r\n\
    breakpoint 1, behind it 1\r\n\
    step 1\r\n\
    target 15\r\n\
    exception e0000001, first 1\r\n\
    handled\r\n\
    libraries 1\r\n\
    ended with 3\r\n\
    attached 1\r\n\
    again 0\r\n\
    process\r\n\
    breakpoint\r\n\
    wrong 0\r\n\
    detached 1\r\n\
    ended with 4\r\n\
    process 1 1, handles 1 1\r\n\
    base 1, file 1\r\n\
    library 1\r\n\
    begins\r\n\
    debugged 1 1 -1, children 1, object 0 1\r\n\
    text said\r\n\
    thread 1\r\n\
    thread ended with 11\r\n\
    breakpoint 1, behind it 1\r\n\
    step 1\r\n\
    target 15\r\n\
    exception e0000001, first 1\r\n\
    handled\r\n\
    exception c0000005, first 1\r\n\
    exception c0000005, first 0\r\n\
    libraries 1\r\n\
    ended with c0000005\r\n\
";

const PRIORITIES: &str = "\
    class 20, thread 0\r\n\
    set 1, class 20\r\n\
    set 1, class 40\r\n\
    set 1, class 80\r\n\
    set 1, class 4000\r\n\
    set 0 87\r\n\
    set 1, thread 0\r\n\
    set 1, thread -2\r\n\
    set 1, thread -1\r\n\
    set 1, thread 0\r\n\
    set 1, thread 1\r\n\
    idle -15\r\n\
    affinity 1 1 1\r\n\
    none 0 87\r\n\
    first 1\r\n\
    ideal 0\r\n\
";

const INJECTED: &str = "\
    reserved 2000 20000, 5000\r\n\
    committed 1\r\n\
    written 1\r\n\
    protected 1 4\r\n\
    now 1000 2, 1000 of 2000\r\n\
    freed 1\r\n\
    free 1\r\n\
    without rights 0 5\r\n\
    map 0\r\n\
    seen shared\r\n\
    unmap 0 c0000019\r\n\
    thread of it 1\r\n\
    ended 0 with 42, cell 11\r\n\
    thread of it 1\r\n\
    ended 0 with 43, cell 12\r\n\
    loaded 1\r\n\
    next 0 1\r\n\
    given 1\r\n\
    suspended 0\r\n\
    waits 258\r\n\
    library there\r\n\
    resumed 0\r\n\
    ended with 5\r\n\
    queued 1\r\n\
    called, cell 21\r\n\
    slept: c0\r\n\
    queued 1\r\n\
    ended with 6\r\n\
    at its place 1\r\n\
    unmap 0\r\n\
    the same place 1\r\n\
    set 1\r\n\
    MARKER was changed here\r\n\
    ended with 7\r\n\
";

const EVENTS: &str = "\
    events\r\n\
    made: D:(D;;DC;;;WD)(A;;0x1f0003;;;WD)\r\n\
    wait: opened\r\n\
    set: error 5\r\n\
    by its maker 1\r\n\
    little room 0 error 122 needs 68\r\n\
    by one that only waits: error 5\r\n\
    changed by it 0 error 5\r\n\
    doubled for less 1 error 0\r\n\
    doubled for more 0 error 5\r\n\
    changed 0\r\n\
    set by all: opened\r\n\
";

#[test]
fn who_may_use_an_object_is_kept_and_looked_at() {
    check(
        "security.c",
        &["-ladvapi32"],
        &["shared"],
        (EVENTS, 0),
        &["SecurityDescriptor=D:(D;;0x2;;;WD)(A;;0x1f0003;;;WD)"],
    );
    check_alone(
        "security.c",
        &["-ladvapi32"],
        (
            &[
                EVENTS,
                "emptied 1\r\n\
             empty: D:\r\n\
             wait: error 5\r\n\
             made again: error 5\r\n\
             the owner changes it: opened\r\n\
             as much as there is: opened\r\n\
             generic access\r\n\
             mutex: D:(A;;0x1f0001;;;WD)(A;;CCRC;;;SY)\r\n\
             files\r\n\
             read: opened\r\n\
             write: error 5\r\n\
             written over: error 5\r\n\
             set 1\r\n\
             read: error 5\r\n\
             write: opened\r\n\
             asked 1 error 0\r\n\
             set 1\r\n\
             read: opened\r\n\
             asked 1\r\n\
             moved D:P(A;;FA;;;WD)\r\n\
             directories\r\n\
             in it: D:AI(A;ID;FA;;;WD)\r\n\
             with its own: D:AI(A;;FR;;;WD)(A;ID;FA;;;WD)\r\n\
             with no others: D:P(A;;FR;;;WD)\r\n\
             below it: D:AI(A;OICIID;FA;;;WD)\r\n\
             made in it: error 5\r\n\
             removed 0 error 5\r\n\
             removed 1\r\n\
             removed 1\r\n\
             keys\r\n\
             set 0\r\n\
             write 5\r\n\
             below 5\r\n\
             asked 0\r\n\
             set 0\r\n\
             below 0\r\n\
             inherited: D:AI(A;CIID;KA;;;WD)\r\n\
             pipes, mailslots, threads\r\n\
             pipe: D:(A;;FR;;;WD)\r\n\
             write: error 5\r\n\
             read: opened\r\n\
             another: error 5\r\n\
             message: error 5\r\n\
             to end it: error 5\r\n\
             to ask it: opened\r\n\
             processes\r\n\
             set 0\r\n\
             to end it: error 5\r\n\
             to ask it: opened\r\n\
             SeDebugPrivilege: error 0\r\n\
             to end it: opened\r\n\
             owners\r\n\
             given away 0 error 1307\r\n\
             own 1\r\n\
             SeRestorePrivilege: error 0\r\n\
             given away 1\r\n\
             then: O:SYG:BU\r\n\
             recorded: error 5\r\n\
             what is recorded\r\n\
             by everybody: error 1314\r\n\
             SeSecurityPrivilege: error 0\r\n\
             set 1\r\n\
             then: S:(AU;SAFA;0x1f0003;;;WD)\r\n",
            ]
            .concat(),
            0,
        ),
        &[
            "4, D:NO_ACCESS_CONTROL) = 0",
            "O:SYG:BU)",
            "STATUS_INVALID_OWNER",
        ],
    );
}
