//! Threads, what they wait for and by which names, calls left to them, and exceptions, through Wine's libraries.

mod bounded;
mod compilers;
mod wine;

use wine::check;

#[test]
fn threads_agree() {
    check("threads_sync.c", &[], &[], ("", 0), &[]);
}

#[test]
fn objects_have_names() {
    check("threads_named.c", &[], &[], ("", 0), &[]);
}

#[test]
fn timers_calls_and_ports_end_waits() {
    check("threads_time.c", &[], &[], ("", 0), &[]);
}

#[test]
fn threads_are_suspended_and_led_elsewhere() {
    check("threads_control.c", &[], &[], ("", 0), &[]);
}

#[test]
fn exceptions_of_cxx_are_caught() {
    check("threads_throw.cpp", &[], &[], ("", 6), &[]);
}

#[test]
fn exceptions_of_windows_are_handled() {
    check("threads_seh.c", &[], &[], ("", 21), &[]);
}
