//! Processes of Windows and others': memory and threads of another process.

mod bounded;
mod compilers;
mod wine;

use bounded::run;
use wine::{LIMIT, check, wines};

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
