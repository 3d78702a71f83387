use std::cell::RefCell;
use std::io;

use super::*;

/// What was read of a pager: offsets and lengths.
type Reads = Rc<RefCell<Vec<(u64, usize)>>>;

/// Bytes 1, 2, 3 … 250, 1, 2 … of a file that is as long as it says, with a record of what was read.
struct Counting(u64, Reads);

fn at(offset: u64) -> u8 {
    (offset % 250 + 1) as u8
}

impl Pager for Counting {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.1.borrow_mut().push((offset, buf.len()));
        let len = self.0.saturating_sub(offset).min(buf.len() as u64) as usize;
        for (index, byte) in buf[..len].iter_mut().enumerate() {
            *byte = at(offset + index as u64);
        }
        Ok(len)
    }
}

struct Broken;

impl Pager for Broken {
    fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Other.into())
    }
}

fn memory() -> Memory {
    Memory::new(16 * MIB).expect("address space of the host")
}

fn paged(memory: &Memory, size: u64) -> (Rc<Object>, Reads) {
    let reads = Reads::default();
    (
        Object::with_pager(memory, Box::new(Counting(size, Rc::clone(&reads))), size),
        reads,
    )
}

fn content(object: &Object, offset: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0xee; len];
    let len = object.read(offset, &mut bytes).expect("readable");
    bytes.truncate(len);
    bytes
}

#[test]
fn a_read_ends_at_the_end() {
    let object = Object::new(&memory());
    assert_eq!(object.write(5, b"hello").expect("room"), 5);
    assert_eq!(content(&object, 0, 100), b"\0\0\0\0\0hello");
    assert_eq!(content(&object, 8, 100), b"lo");
    assert_eq!(content(&object, 10, 100), b"");
    assert_eq!(content(&object, u64::MAX, 100), b"");
    assert_eq!(object.len(), 10);
}

#[test]
fn a_write_far_out_takes_one_page() {
    let memory = memory();
    let object = Object::new(&memory);
    object.write(1 << 40, b"far").expect("room");
    assert_eq!((object.len(), object.allocated()), ((1 << 40) + 3, PAGE));
    assert_eq!(content(&object, (1 << 40) - 2, 9), b"\0\0far");
    assert_eq!(object.next_data(0), Some(1 << 40));
    assert_eq!(object.next_hole(0), Some(0));
    assert_eq!(object.next_hole(1 << 40), Some((1 << 40) + 3));
    assert_eq!(object.next_data((1 << 40) + 3), None);
    drop(object);
    assert_eq!(memory.used(), 0);
}

#[test]
fn there_is_a_largest_size() {
    let object = Object::new(&memory());
    assert!(matches!(
        object.write(u64::MAX, b"x"),
        Err(ObjectError::TooBig)
    ));
    assert!(matches!(
        object.write(Object::MAX_LEN, b"x"),
        Err(ObjectError::TooBig)
    ));
    assert!(matches!(
        object.truncate(Object::MAX_LEN + 1),
        Err(ObjectError::TooBig)
    ));
    assert_eq!(object.len(), 0);
    object
        .write(Object::MAX_LEN - 1, b"x")
        .expect("the last byte there can be");
    assert_eq!(content(&object, Object::MAX_LEN - 2, 9), b"\0x");
    object.punch(0, u64::MAX).expect("no pager");
    assert_eq!((object.len(), object.allocated()), (Object::MAX_LEN, 0));
    assert_eq!((object.next_data(0), object.next_hole(5)), (None, Some(5)));
}

#[test]
fn a_write_without_room_says_how_far_it_came() {
    let object = Object::new(&Memory::new(4 * PAGE).expect("address space of the host"));
    assert_eq!(
        object.write(100, &[1; 5 * 4096]).expect("some"),
        3 * 4096 - 100
    );
    assert_eq!(object.len(), 3 * PAGE);
    assert!(matches!(
        object.write(3 * PAGE, b"x"),
        Err(ObjectError::NoMemory)
    ));
    assert!(matches!(
        object.write(9 * PAGE, b"x"),
        Err(ObjectError::NoMemory)
    ));
    assert_eq!(object.len(), 3 * PAGE, "what was not written is not there");
}

#[test]
fn reading_a_file_of_the_host_takes_no_memory_and_one_call() {
    let memory = memory();
    let (object, reads) = paged(&memory, 100_000);
    let expected: Vec<u8> = (0..100_000).map(at).collect();
    assert_eq!(content(&object, 0, 200_000), expected);
    assert_eq!((memory.used(), reads.take()), (0, vec![(0, 100_000)]));
    assert_eq!(object.allocated(), 25 * PAGE);
}

#[test]
fn a_written_page_is_kept_and_the_rest_stays_with_the_host() {
    let memory = memory();
    let (object, reads) = paged(&memory, 10_000);
    object.write(5000, b"mine").expect("room");
    reads.take();
    let mut expected: Vec<u8> = (0..10_000).map(at).collect();
    expected[5000..5004].copy_from_slice(b"mine");
    assert_eq!(content(&object, 0, 10_000), expected);
    assert_eq!(reads.take(), [(0, 4096), (8192, 10_000 - 8192)]);
    assert_eq!((memory.used(), object.allocated()), (PAGE, 3 * PAGE));
}

#[test]
fn what_was_cut_off_a_file_of_the_host_is_zero_when_it_grows_again() {
    let memory = memory();
    let (object, _) = paged(&memory, 10_000);
    object.truncate(4100).expect("readable");
    object.truncate(10_000).expect("readable");
    let mut expected: Vec<u8> = (0..10_000).map(at).collect();
    expected[4100..].fill(0);
    assert_eq!(content(&object, 0, 10_000), expected);
    assert_eq!(object.next_hole(0), Some(8192));
}

#[test]
fn holes_punched_into_a_file_of_the_host_are_zero() {
    let memory = memory();
    let (object, reads) = paged(&memory, 10 * PAGE);
    let mut expected: Vec<u8> = (0..10 * PAGE).map(at).collect();
    let mut punch = |from: u64, len: u64| {
        object.punch(from, len).expect("readable");
        expected[from as usize..(from + len) as usize].fill(0);
        assert_eq!(content(&object, 0, 99_999), expected);
    };
    punch(2 * PAGE, PAGE);
    punch(4 * PAGE, PAGE);
    punch(3 * PAGE, PAGE);
    punch(6 * PAGE, PAGE);
    assert_eq!(memory.used(), 0);
    assert_eq!(object.allocated(), 6 * PAGE);
    let edges = |at| (object.next_data(at), object.next_hole(at));
    assert_eq!(edges(0), (Some(0), Some(2 * PAGE)));
    assert_eq!(edges(2 * PAGE + 5), (Some(5 * PAGE), Some(2 * PAGE + 5)));
    assert_eq!(edges(7 * PAGE), (Some(7 * PAGE), Some(10 * PAGE)));
    punch(PAGE + 10, 20);
    punch(8 * PAGE - 10, 20);
    assert_eq!(memory.used(), 3 * PAGE);
    reads.take();
    punch(8 * PAGE, 2 * PAGE);
    object.write(3 * PAGE + 1, b"again").expect("room");
    assert_eq!(content(&object, 3 * PAGE, 7), b"\0again\0");
    assert_eq!(object.allocated(), 5 * PAGE);
}

#[test]
fn a_file_that_became_shorter_behind_our_back_reads_as_zeros() {
    let memory = memory();
    let object = Object::with_pager(&memory, Box::new(Counting(10, Rc::default())), 20);
    assert_eq!(
        content(&object, 5, 20),
        b"\x06\x07\x08\x09\x0a\0\0\0\0\0\0\0\0\0\0"
    );
}

#[test]
fn a_mapped_page_that_cannot_be_read_is_a_bus_error() {
    let mut space = space();
    let object = Object::with_pager(space.memory(), Box::new(Broken), 4096);
    private(&mut space, 0x1000, 1, &object);
    assert_eq!(refusal(space.read_u8(0x1000)), (0x1000, FaultKind::Bus));
    assert_eq!(refusal(space.write_u8(0x1000, 1)), (0x1000, FaultKind::Bus));
    assert!(matches!(object.read(0, &mut [0]), Err(ObjectError::Io(_))));
    assert!(matches!(object.write(1, b"x"), Err(ObjectError::Io(_))));
    assert_eq!(space.memory().used(), 0);
}

#[test]
fn a_mapped_file_is_read_page_by_page_and_shared() {
    let mut one = space();
    let (object, reads) = paged(one.memory(), 10_000);
    private(&mut one, 0x1_0000, 3, &object);
    let mut two = one.fork().expect("room");
    assert_eq!(one.read_u8(0x1_1000), Ok(at(0x1000)));
    assert_eq!(two.read_u8(0x1_1001), Ok(at(0x1001)));
    assert_eq!(reads.take(), [(4096, 4096)]);
    assert_eq!(one.memory().used(), PAGE);
    two.write_u8(0x1_2000, 9).expect("writable");
    assert_eq!(bytes(&mut two, 0x1_2000, 2), [9, at(0x2001)]);
    assert_eq!(
        bytes(&mut two, 0x1_0000 + 9999, 2),
        [at(9999), 0],
        "zeros behind the end"
    );
    assert_eq!(
        one.memory().used(),
        2 * PAGE,
        "a page that is written at once is read once"
    );
}

#[test]
fn what_a_mapping_left_behind_the_end_does_not_come_up_when_the_file_grows() {
    let mut space = space();
    let object = object(&space, b"abc");
    shared(&mut space, 0x1000, 1, &object);
    space.write(0x1003, b"garbage").expect("writable");
    object.write(6, b"f").expect("room");
    assert_eq!(content(&object, 0, 99), b"abc\0\0\0f");
    space.write(0x1007, b"garbage").expect("writable");
    object.truncate(10).expect("no pager");
    assert_eq!(content(&object, 0, 99), b"abc\0\0\0f\0\0\0");
}
