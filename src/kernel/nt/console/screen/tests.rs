use super::*;

fn text(screen: &Screen, y: usize) -> String {
    let row = screen.read((0, y), screen.size().0);
    let units: Vec<u16> = row.iter().map(|cell| cell.unit).collect();
    String::from_utf16_lossy(&units).trim_end().to_owned()
}

fn write(screen: &mut Screen, text: &str) {
    for unit in text.encode_utf16() {
        if !screen.control(unit) {
            screen.put(unit);
        }
    }
    screen.settle();
}

#[test]
fn text_wraps_and_scrolls() {
    let mut screen = Screen::new((5, 3), (5, 2));
    write(&mut screen, "abcdefg\nx");
    assert_eq!(text(&screen, 0), "abcde");
    assert_eq!(text(&screen, 1), "fg");
    assert_eq!((text(&screen, 2), screen.cursor), ("x".to_owned(), (1, 2)));
    assert_eq!((screen.window.top, screen.window.bottom), (1, 2));
    write(&mut screen, "\n12345");
    // A full line is left at once.
    assert_eq!(
        (text(&screen, 0), text(&screen, 1)),
        ("x".to_owned(), "12345".to_owned())
    );
    assert_eq!(screen.cursor, (0, 2));
}

#[test]
fn without_wrapping_the_last_column_is_overwritten() {
    let mut screen = Screen::new((3, 2), (3, 2));
    screen.mode = mode::PROCESSED;
    write(&mut screen, "abcdef");
    assert_eq!(
        (text(&screen, 0), screen.cursor),
        ("abf".to_owned(), (2, 0))
    );
}

#[test]
fn tabs_and_backspaces_move() {
    let mut screen = Screen::new((20, 2), (20, 2));
    write(&mut screen, "a\tb\u{8}c\rZ");
    assert_eq!(
        (text(&screen, 0), screen.cursor),
        ("Z       c".to_owned(), (1, 0))
    );
}

#[test]
fn a_rectangle_is_moved_and_the_rest_filled() {
    let mut screen = Screen::new((4, 3), (4, 3));
    write(&mut screen, "abc\ndef");
    let from = Rect {
        left: 0,
        top: 0,
        right: 1,
        bottom: 1,
    };
    let all = Rect {
        left: 0,
        top: 0,
        right: 3,
        bottom: 2,
    };
    let fill = Cell {
        unit: b'.'.into(),
        colours: 1,
    };
    assert_eq!(screen.scroll(from, (1, 1), all, fill), Ok(()));
    assert_eq!([0, 1, 2].map(|y| text(&screen, y)), ["..c", ".ab", " de"]);
    let outside = Rect { right: 4, ..from };
    let failed = Err(NtStatus::INVALID_PARAMETER);
    assert_eq!(screen.scroll(outside, (0, 0), all, fill), failed);
    assert_eq!(screen.scroll(from, (4, 0), all, fill), failed);
}

#[test]
fn a_size_is_not_below_the_window_and_not_without_bounds() {
    let mut screen = Screen::new((10, 10), (5, 5));
    assert_eq!(screen.resize(4, 10), Err(NtStatus::INVALID_PARAMETER));
    assert_eq!(screen.resize(-1, 10), Err(NtStatus::INVALID_PARAMETER));
    assert_eq!(screen.resize(32767, 32767), Err(NtStatus::NO_MEMORY));
    write(&mut screen, "0123456789");
    assert_eq!(screen.resize(6, 5), Ok(()));
    assert_eq!(text(&screen, 0), "012345");
    assert_eq!(screen.move_to(6, 0), Err(NtStatus::INVALID_PARAMETER));
    assert_eq!(screen.move_to(5, 4), Ok(()));
}
