//! Processes of Windows and others': memory and threads of another process.

mod bounded;
mod compilers;
mod wine;

use wine::check;

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
    queued 1\r\n\
    slept: c0\r\n\
    ended with 6\r\n\
    at its place 1\r\n\
    unmap 0\r\n\
    the same place 1\r\n\
    set 1\r\n\
    MARKER was changed here\r\n\
    ended with 7\r\n\
";
