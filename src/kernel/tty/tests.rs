//! What is typed, what a program reads of it, and what is seen on the screen.

use super::*;
use crate::kernel::host::{Control, Flags, Terminal};
use crate::kernel::vfs::{FileObject, OpenFlags, Ready};

const NOW: u64 = 0;

struct Both {
    terminals: Terminals,
    master: Master,
    slave: Option<Rc<Slave>>,
}

impl Both {
    fn new() -> Both {
        let terminals = Terminals::default();
        let pair = terminals.make(0).expect("the first");
        pair.lock(false);
        let slave = pair.open_slave(false).expect("it is open");
        Both {
            terminals,
            master: Master::new(&pair, || {}),
            slave: Some(slave),
        }
    }

    fn with(change: impl FnOnce(&mut Terminal)) -> Both {
        let both = Both::new();
        let mut settings = both.master.pair.settings();
        change(&mut settings);
        both.master.pair.set(settings);
        both
    }

    fn type_(&self, bytes: &[u8]) {
        let count = self.master.write(OpenFlags::empty(), NOW, bytes);
        assert_eq!(count, Ok(bytes.len()));
    }

    fn slave(&self) -> &Slave {
        self.slave.as_ref().expect("it is open")
    }

    fn read(&self) -> Result<Vec<u8>, FsError> {
        let mut buf = [0; 256];
        let count = self.slave().read(OpenFlags::empty(), NOW, &mut buf)?;
        Ok(buf[..count].to_vec())
    }

    fn screen(&self) -> Vec<u8> {
        let mut buf = [0; 4096];
        match self.master.read(OpenFlags::empty(), NOW, &mut buf) {
            Ok(count) => buf[..count].to_vec(),
            Err(_) => Vec::new(),
        }
    }
}

/// Settings, what is typed, what is read, what is seen.
fn check(change: impl FnOnce(&mut Terminal), typed: &[u8], read: &[&[u8]], screen: &str) {
    let both = Both::with(change);
    both.type_(typed);
    for line in read {
        assert_eq!(both.read().as_deref(), Ok(*line), "{typed:?}");
    }
    assert_eq!(both.read(), Err(FsError::WouldBlock), "{typed:?}");
    assert_eq!(
        String::from_utf8_lossy(&both.screen())
            .escape_debug()
            .to_string(),
        screen,
        "{typed:?}"
    );
}

fn canonical(_: &mut Terminal) {}

#[test]
fn a_line_is_read_when_it_is_ended_and_not_before() {
    check(canonical, b"ab", &[], "ab");
    check(canonical, b"ab\rcd\n", &[b"ab\n", b"cd\n"], r"ab\r\ncd\r\n");
    // The end of the file ends a line without being part of it; alone it is the end.
    check(canonical, b"ab\x04\x04", &[b"ab", b""], "ab");
}

#[test]
fn a_line_can_be_edited() {
    check(canonical, b"ab\x7fc\n", &[b"ac\n"], r"ab\u{8} \u{8}c\r\n");
    check(
        canonical,
        b"abc\x15d\n",
        &[b"d\n"],
        r"abc\u{8} \u{8}\u{8} \u{8}\u{8} \u{8}d\r\n",
    );
    check(
        canonical,
        b"a bc \x17d\n",
        &[b"a d\n"],
        r"a bc \u{8} \u{8}\u{8} \u{8}\u{8} \u{8}d\r\n",
    );
    // A control character is seen as two, and takes two places back.
    check(
        canonical,
        b"\x01\x7f\n",
        &[b"\n"],
        r"^A\u{8} \u{8}\u{8} \u{8}\r\n",
    );
    // A tabulator takes all its columns.
    check(
        canonical,
        b"ab\t\x7fc\n",
        &[b"abc\n"],
        r"ab\t\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}c\r\n",
    );
    // The next character is taken as it is.
    check(canonical, b"\x16\x7f\n", &[b"\x7f\n"], r"^\u{8}^?\r\n");
    check(canonical, b"ab\x12\n", &[b"ab\n"], r"ab^R\r\nab\r\n");
    // What has several bytes is one character.
    check(
        |settings| settings.flags |= Flags::IUTF8,
        "aä\x7f\n".as_bytes(),
        &[b"a\n"],
        r"aä\u{8} \u{8}\r\n",
    );
    check(
        |settings| settings.flags -= Flags::ECHOE | Flags::ECHOKE,
        b"ab\x7fc\x15d\n",
        &[b"d\n"],
        r"ab^?c^U\r\nd\r\n",
    );
    check(
        |settings| settings.flags |= Flags::ECHOPRT,
        b"ab\x7fc\n",
        &[b"ac\n"],
        r"ab\\b/c\r\n",
    );
    check(
        |settings| settings.flags -= Flags::ECHO,
        b"a\n",
        &[b"a\n"],
        "",
    );
}

#[test]
fn without_lines_all_is_read_as_it_comes() {
    let raw = |settings: &mut Terminal| {
        settings.flags -= Flags::ICANON | Flags::ECHO | Flags::ISIG | Flags::ICRNL | Flags::IXON;
    };
    check(raw, b"a\r\x03\x04", &[b"a\r\x03\x04"], "");
    let three = |settings: &mut Terminal| {
        raw(settings);
        settings.controls[Control::Min as usize] = 3;
    };
    check(three, b"ab", &[], "");
    check(three, b"abcd", &[b"abcd"], "");
    let both = Both::with(|settings| {
        raw(settings);
        settings.controls[Control::Min as usize] = 0;
    });
    assert_eq!(both.read().as_deref(), Ok(&b""[..]));
    assert_eq!(both.slave().patience(), Some(0));
}

#[test]
fn a_slow_typist_is_waited_for_between_bytes() {
    let both = Both::with(|settings| {
        settings.flags -= Flags::ICANON;
        settings.controls[Control::Min as usize] = 5;
        settings.controls[Control::Time as usize] = 2;
    });
    let mut buf = [0; 8];
    both.type_(b"ab");
    assert_eq!(both.slave().due(), Some(200_000_000));
    let read = |now, buf: &mut [u8]| both.slave().read(OpenFlags::empty(), now, buf);
    assert_eq!(read(199_999_999, &mut buf), Err(FsError::WouldBlock));
    assert_eq!(read(200_000_000, &mut buf), Ok(2));
}

#[test]
fn keys_that_are_signals_throw_away_what_was_typed() {
    let both = Both::new();
    both.type_(b"ab\x03cd\x1a\x1c");
    assert_eq!(
        both.terminals.take_news(),
        [(0, News::Interrupt), (0, News::Suspend), (0, News::Quit)]
    );
    assert_eq!(both.screen(), b"ab^Ccd^Z^\\");
    both.type_(b"e\n");
    assert_eq!(both.read().as_deref(), Ok(&b"e\n"[..]));
    let both = Both::with(|settings| settings.flags |= Flags::NOFLSH);
    both.type_(b"ab\x03c\n");
    assert_eq!(both.read().as_deref(), Ok(&b"abc\n"[..]));
}

#[test]
fn output_is_processed_and_can_be_stopped() {
    let both = Both::new();
    let write = |bytes: &[u8]| both.slave().write(OpenFlags::empty(), NOW, bytes);
    assert_eq!(write(b"a\tb\n"), Ok(4));
    assert_eq!(both.screen(), b"a\tb\r\n");
    both.type_(b"\x13");
    assert_eq!(write(b"x"), Err(FsError::WouldBlock));
    assert!(!both.slave().ready(NOW).contains(Ready::WRITE));
    // An echo waits, too.
    both.type_(b"y");
    assert_eq!(both.screen(), b"");
    both.type_(b"\x11");
    assert_eq!(both.screen(), b"y");
    assert_eq!(write(b"x"), Ok(1));
    let mut settings = both.master.pair.settings();
    settings.flags |= Flags::XTABS | Flags::OLCUC;
    both.master.pair.set(settings);
    both.screen();
    assert_eq!(write(b"\r\tz"), Ok(3));
    assert_eq!(both.screen(), b"\r        Z");
}

#[test]
fn output_that_nobody_reads_has_an_end() {
    let both = Both::new();
    let bytes = [b'x'; 100_000];
    let write = || both.slave().write(OpenFlags::empty(), NOW, &bytes);
    assert_eq!(write(), Ok(8192));
    assert_eq!(write(), Err(FsError::WouldBlock));
    // A line end takes two places, or none.
    both.screen();
    let lines = [b'\n'; 8192];
    assert_eq!(
        both.slave().write(OpenFlags::empty(), NOW, &lines),
        Ok(2048)
    );
}

#[test]
fn a_line_that_gets_too_long_can_still_be_ended() {
    let both = Both::with(|settings| settings.flags -= Flags::ECHO);
    both.type_(&[b'x'; 5000]);
    both.type_(b"\n");
    let mut buf = [0; 8192];
    let count = both.slave().read(OpenFlags::empty(), NOW, &mut buf);
    assert_eq!(count, Ok(4095));
    assert_eq!(buf[4094], b'\n');
    // Lines that nobody reads wait before the terminal, and then who types them.
    let mut typed = 0;
    while let Ok(count) = both.master.write(OpenFlags::empty(), NOW, &[b'\n'; 1000]) {
        typed += count;
    }
    assert_eq!(typed, 4095 + 8192);
}

#[test]
fn who_turns_lines_on_finds_what_was_typed_before_as_a_line() {
    let both = Both::with(|settings| settings.flags -= Flags::ICANON);
    both.type_(b"ab");
    let mut settings = both.master.pair.settings();
    settings.flags |= Flags::ICANON;
    both.master.pair.set(settings);
    assert_eq!(both.read().as_deref(), Ok(&b"ab"[..]));
}

#[test]
fn the_master_learns_that_the_slave_is_closed_and_the_slave_that_the_master_is() {
    let mut both = Both::new();
    let slave = both.slave.take();
    slave
        .as_ref()
        .map(|slave| slave.write(OpenFlags::empty(), NOW, b"bye"));
    drop(slave);
    let mut buf = [0; 8];
    let read = |buf: &mut [u8]| both.master.read(OpenFlags::empty(), NOW, buf);
    assert_eq!(
        both.master.ready(NOW),
        Ready::READ | Ready::WRITE | Ready::HANGUP
    );
    assert_eq!(read(&mut buf), Ok(3));
    assert_eq!(read(&mut buf), Err(FsError::Io));
    let again = both.master.pair.open_slave(false).expect("it opens again");
    assert_eq!(read(&mut buf), Err(FsError::WouldBlock));
    let Both {
        terminals, master, ..
    } = both;
    drop(master);
    assert_eq!(terminals.take_news(), [(0, News::Hangup)]);
    assert_eq!(again.read(OpenFlags::empty(), NOW, &mut buf), Ok(0));
    assert_eq!(again.write(OpenFlags::empty(), NOW, b"x"), Err(FsError::Io));
    assert!(again.ready(NOW).contains(Ready::HANGUP));
    assert!(terminals.get(0).is_none());
    assert_eq!(terminals.count(), 0);
}

#[test]
fn packets_tell_what_happens_to_the_slave() {
    let both = Both::new();
    both.master.pair.set_packets(true);
    let write = both.slave().write(OpenFlags::empty(), NOW, b"ab");
    assert_eq!(write, Ok(2));
    assert_eq!(both.screen(), b"\0ab");
    both.master.pair.flush(true, true);
    assert_eq!(both.screen(), [3]);
    both.type_(b"\x13");
    assert_eq!(both.screen(), [Packet::STOP.bits()]);
    both.type_(b"\x11");
    assert_eq!(both.screen(), [Packet::START.bits()]);
    let mut settings = both.master.pair.settings();
    settings.flags -= Flags::IXON;
    both.master.pair.set(settings);
    assert!(both.master.ready(NOW).contains(Ready::PRIORITY));
    assert_eq!(both.screen(), [Packet::NO_STOP.bits()]);
}
