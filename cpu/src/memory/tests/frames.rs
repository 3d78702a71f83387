use super::*;

#[test]
fn a_reused_frame_is_zero_again() {
    let memory = Memory::new(MIB).expect("address space of the host");
    let frame = memory.allocate().expect("room");
    memory.bytes_in(frame, 100, b"old");
    memory.release(frame);
    let again = memory.allocate().expect("room");
    let mut bytes = [1; PAGE_BYTES];
    memory.bytes_out(again, 0, &mut bytes);
    assert_eq!((again, bytes), (frame, [0; PAGE_BYTES]));
}

#[test]
fn frames_end_at_the_limit_and_come_back() {
    let memory = Memory::new(16 * PAGE).expect("address space of the host");
    let frames: Vec<_> = std::iter::from_fn(|| memory.allocate()).collect();
    assert_eq!(frames.len(), 15, "one of 16 is the zero page");
    assert_eq!((memory.used(), memory.available()), (15 * PAGE, 0));
    frames.iter().for_each(|&frame| memory.release(frame));
    assert_eq!((memory.used(), memory.peak()), (0, 15 * PAGE));
    assert_eq!(std::iter::from_fn(|| memory.allocate()).count(), 15);
}

#[test]
fn a_large_amount_of_freed_memory_goes_back_to_the_host_and_is_zero() {
    let memory = Memory::new(128 * MIB).expect("address space of the host");
    let frames: Vec<_> = (0..20_000)
        .map(|_| memory.allocate().expect("room"))
        .collect();
    for &frame in &frames {
        memory.bytes_in(frame, 0, &[0xff; 8]);
    }
    // Every tenth stays, so that what goes back is in pieces.
    for (index, &frame) in frames.iter().enumerate() {
        if index % 10 != 0 {
            memory.release(frame);
        }
    }
    for _ in 0..18_000 {
        let frame = memory.allocate().expect("room");
        let mut bytes = [1; 8];
        memory.bytes_out(frame, 0, &mut bytes);
        assert_eq!(bytes, [0; 8]);
    }
    for &frame in frames.iter().step_by(10) {
        let mut bytes = [1; 8];
        memory.bytes_out(frame, 0, &mut bytes);
        assert_eq!(bytes, [0xff; 8]);
    }
}

#[test]
fn a_host_write_to_translated_code_reaches_every_engine_once() {
    let memory = Memory::new(MIB).expect("address space of the host");
    let (one, two) = (memory.watch(), memory.watch());
    let frame = memory.allocate().expect("room");
    memory.bytes_in(frame, 0, &[1]);
    assert!(one.is_empty(), "no code was translated from it");
    memory.set_code(frame);
    memory.bytes_in(frame, 0, &[2]);
    memory.bytes_in(frame, 0, &[3]);
    assert!(!memory.has_code(frame));
    assert_eq!((one.take(), two.take()), (vec![frame], vec![frame]));
    assert!(one.is_empty());
}

#[test]
fn a_freed_frame_with_code_is_stale_and_forgets_what_engines_noted() {
    let memory = Memory::new(MIB).expect("address space of the host");
    let watch = memory.watch();
    let frame = memory.allocate().expect("room");
    memory.set_code(frame);
    memory.set_writable_granted(frame);
    memory.release(frame);
    assert_eq!(watch.take(), [frame]);
    assert_eq!(memory.allocate(), Some(frame));
    assert!(!memory.has_code(frame) && !memory.is_writable_granted(frame));
}
