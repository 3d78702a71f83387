//! Lines that calls of Windows make.

use super::{control, exception, exit_status, names, status};
use crate::kernel::nt::exception::Record;
use emu_prototypes::nt::NtStatus;

fn text(show: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    show(&mut out);
    String::from_utf8(out).expect("it is text")
}

#[test]
fn statuses_have_names_and_success_is_zero() {
    assert_eq!(text(|out| status(out, 0)), "0");
    assert_eq!(
        text(|out| status(out, 0xffff_ffff_c000_0034)),
        "0xc0000034 (STATUS_OBJECT_NAME_NOT_FOUND)"
    );
    assert_eq!(text(|out| status(out, 0x102)), "0x102 (STATUS_TIMEOUT)");
    assert_eq!(text(|out| status(out, 0xe000_0001)), "0xe0000001");
}

#[test]
fn a_process_may_end_with_any_number() {
    assert_eq!(text(|out| exit_status(out, 0x102)), "258");
    assert_eq!(
        text(|out| exit_status(out, 0xc000_0005)),
        "0xc0000005 (STATUS_ACCESS_VIOLATION)"
    );
}

#[test]
fn an_exception_tells_its_record() {
    let record = Record {
        code: NtStatus::ACCESS_VIOLATION,
        address: 0x40_1000,
        information: vec![1, 0],
    };
    assert_eq!(
        text(|out| exception(out, &record)),
        "--- STATUS_ACCESS_VIOLATION {ExceptionAddress=0x401000, ExceptionInformation=[0x1, 0]} ---"
    );
}

#[test]
fn bits_without_a_name_stay_numbers() {
    assert_eq!(
        text(|out| names::set(out, names::MEMORY, 0x3000)),
        "MEM_COMMIT|MEM_RESERVE"
    );
    assert_eq!(
        text(|out| names::set(out, names::MEMORY, 0x1001)),
        "MEM_COMMIT|0x1"
    );
    assert_eq!(text(|out| names::set(out, names::MEMORY, 0)), "0");
}

#[test]
fn codes_of_requests_have_names_or_are_taken_apart() {
    for (code, expected) in [
        (0x1_2003, "IOCTL_AFD_BIND"),
        (0x7_0000, "IOCTL_DISK_GET_DRIVE_GEOMETRY"),
        (0x11_0018, "FSCTL_PIPE_WAIT"),
        (0x12_0320, "IOCTL_AFD_WINE_CREATE"),
        (
            0x8000_e004,
            "CTL_CODE(0x8000, 0x801, METHOD_BUFFERED, FILE_READ_ACCESS|FILE_WRITE_ACCESS)",
        ),
        (
            0x12_3fff,
            "CTL_CODE(FILE_DEVICE_NETWORK, 0xfff, METHOD_NEITHER, FILE_ANY_ACCESS)",
        ),
    ] {
        assert_eq!(text(|out| control::code(out, code)), expected);
    }
}
