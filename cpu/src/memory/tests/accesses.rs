use super::*;

#[test]
fn values_have_the_byte_order_of_the_guest() {
    let check = |arch: Arch, expected: [u8; 15]| {
        let mut space = space_of(arch, MIB);
        anonymous(&mut space, 0x1000, 2, RW);
        // Across a page boundary, and nothing of it aligned.
        let at = 0x1ff9;
        space.write_u8(at, 0x11).expect("writable");
        space.write_u16(at + 1, 0x2122).expect("writable");
        space.write_u32(at + 3, 0x3132_3334).expect("writable");
        space
            .write_u64(at + 7, 0x4142_4344_4546_4748)
            .expect("writable");
        assert_eq!(bytes(&mut space, at, 15), expected, "{arch:?}");
        assert_eq!(space.read_u8(at), Ok(0x11));
        assert_eq!(space.read_u16(at + 1), Ok(0x2122));
        assert_eq!(space.read_u32(at + 3), Ok(0x3132_3334));
        assert_eq!(space.read_u64(at + 7), Ok(0x4142_4344_4546_4748));
    };
    let big = *b"\x11\x21\x22\x31\x32\x33\x34\x41\x42\x43\x44\x45\x46\x47\x48";
    let little = *b"\x11\x22\x21\x34\x33\x32\x31\x48\x47\x46\x45\x44\x43\x42\x41";
    check(Arch::Mips, big);
    for arch in [
        Arch::X86,
        Arch::X86_64,
        Arch::Arm,
        Arch::Arm64,
        Arch::Mipsel,
    ] {
        check(arch, little);
    }
}

#[test]
fn pointers_have_the_width_of_the_guest() {
    let mut narrow = space_of(Arch::Mips, MIB);
    anonymous(&mut narrow, 0x1000, 1, RW);
    narrow
        .write_pointer(0x1000, 0xffff_ffff_8000_0001)
        .expect("writable");
    assert_eq!(narrow.read_pointer(0x1000), Ok(0x8000_0001));
    assert_eq!(bytes(&mut narrow, 0x1000, 5), [0x80, 0, 0, 1, 0]);
    let mut wide = space();
    anonymous(&mut wide, 0x1000, 1, RW);
    wide.write_pointer(0x1000, 0xffff_ffff_8000_0001)
        .expect("writable");
    assert_eq!(wide.read_pointer(0x1000), Ok(0xffff_ffff_8000_0001));
}

#[test]
fn a_copy_stops_at_the_first_byte_it_may_not_touch() {
    let mut space = space();
    anonymous(&mut space, 0x1000, 1, RW);
    anonymous(&mut space, 0x2000, 1, Prot::READ);
    assert_eq!(
        refusal(space.write(0x1ffe, &[1, 2, 3])),
        (0x2000, FaultKind::Denied)
    );
    assert_eq!(bytes(&mut space, 0x1ffe, 3), [1, 2, 0]);
    assert_eq!(
        refusal(space.read(0x2ffe, &mut [0; 4])),
        (0x3000, FaultKind::Unmapped)
    );
    assert_eq!(space.write_partial(0x1ffe, &[1, 2, 3]), Ok(2));
    assert_eq!(space.read_partial(0x2ffe, &mut [0; 4]), Ok(2));
    assert_eq!(
        refusal(space.read_partial(0x3000, &mut [0; 4])),
        (0x3000, FaultKind::Unmapped)
    );
    assert_eq!(space.read_partial(0x3000, &mut []), Ok(0));
}

#[test]
fn a_copy_at_the_end_of_the_address_space_does_not_wrap() {
    let mut space = space();
    anonymous(&mut space, 0, 1, RW);
    anonymous(&mut space, 0u64.wrapping_sub(2 * PAGE), 1, RW);
    let last = 0u64.wrapping_sub(PAGE);
    assert_eq!(
        refusal(space.read(last - 1, &mut [0; 2])),
        (last, FaultKind::Unmapped)
    );
    assert_eq!(
        refusal(space.read(u64::MAX, &mut [0; 2])),
        (u64::MAX, FaultKind::Unmapped)
    );
    assert_eq!(
        refusal(space.read_cstr(u64::MAX, 9)),
        (u64::MAX, FaultKind::Unmapped)
    );
    assert_eq!(
        refusal(space.fill(u64::MAX, 9, 0)),
        (u64::MAX, FaultKind::Unmapped)
    );
}

#[test]
fn strings_end_at_nul_at_the_maximum_or_in_a_fault() {
    let mut space = space();
    anonymous(&mut space, 0x1000, 1, RW);
    space.write(0x1000, &[b'a'; 4096]).expect("writable");
    space.write(0x1ffc, b"end\0").expect("writable");
    assert_eq!(
        space.read_cstr(0x1ffc, 100),
        Ok(b"end".to_vec()),
        "what follows is not mapped"
    );
    assert_eq!(space.read_cstr(0x1000, 10), Ok(b"aaaaaaaaaa".to_vec()));
    assert_eq!(
        space.read_cstr(0x1000, 5000).map(|string| string.len()),
        Ok(4095)
    );
    assert_eq!(space.read_cstr(0x1000, 0), Ok(vec![]));
    space.write(0x1fff, b"!").expect("writable");
    assert_eq!(
        refusal(space.read_cstr(0x1ffc, 100)),
        (0x2000, FaultKind::Unmapped)
    );
    assert_eq!(space.read_cstr(0x1ffc, 4), Ok(b"end!".to_vec()));
}

#[test]
fn protection_stops_copies_but_not_the_loader() {
    let mut space = space();
    anonymous(&mut space, 0x1000, 1, Prot::empty());
    assert_eq!(
        refusal(space.write_u8(0x1000, 1)),
        (0x1000, FaultKind::Denied)
    );
    assert_eq!(refusal(space.read_u8(0x1000)), (0x1000, FaultKind::Denied));
    space.poke(0x1000, b"loaded").expect("mapped");
    assert_eq!(refusal(space.read_u8(0x1000)), (0x1000, FaultKind::Denied));
    let mut bytes = [0; 6];
    space.peek(0x1000, &mut bytes).expect("mapped");
    assert_eq!(&bytes, b"loaded");
    assert_eq!(
        refusal(space.poke(0x2000, b"x")),
        (0x2000, FaultKind::Unmapped)
    );
}

#[test]
fn what_can_be_written_or_executed_can_be_read() {
    let mut space = space();
    anonymous(&mut space, 0x1000, 1, Prot::WRITE);
    anonymous(&mut space, 0x2000, 1, Prot::EXEC);
    assert_eq!(space.write_u8(0x1000, 1), Ok(()));
    assert_eq!(space.read_u8(0x1000), Ok(1));
    assert_eq!(space.read_u8(0x2000), Ok(0));
    assert_eq!(
        refusal(space.write_u8(0x2000, 1)),
        (0x2000, FaultKind::Denied)
    );
    assert_eq!(
        layout(&space),
        "1000-2000 -w- anonymous\n2000-3000 --x anonymous\n"
    );
}

#[test]
fn reading_what_nobody_wrote_takes_no_memory() {
    let mut space = space_of(Arch::X86_64, MIB);
    space
        .map(1 << 40, 1 << 40, RW, Backing::Anonymous, None)
        .expect("room");
    for gib in 0..1024 {
        assert_eq!(space.read_u64((1 << 40) + (gib << 30)), Ok(0));
    }
    assert_eq!((space.memory().used(), space.resident()), (0, 0));
    space.fill(1 << 40, 1 << 30, 0).expect("writable");
    assert_eq!(space.resident(), 0, "zeros over zeros");
    space.write_u8((1 << 40) + 3, 9).expect("writable");
    space.fill((1 << 40) + 1, 3, 0).expect("writable");
    assert_eq!(space.read_u64(1 << 40), Ok(0));
    assert_eq!(space.resident(), PAGE);
}

#[test]
fn memory_that_is_used_up_is_a_fault() {
    let mut space = space_of(Arch::X86_64, 64 * PAGE);
    anonymous(&mut space, 0x10_0000, 4096, RW);
    let written = space
        .write_partial(0x10_0000, &vec![1; 4096 * 4096])
        .expect("some");
    assert!((50 * 4096..64 * 4096).contains(&written), "{written}");
    let next = 0x10_0000 + written as u64;
    assert_eq!(
        refusal(space.write_u8(next, 1)),
        (next, FaultKind::NoMemory)
    );
    assert_eq!(space.read_u8(next), Ok(0));
    assert!(space.memory().used() + space.memory().tables() <= space.memory().limit());
    let more = space.map(0x1000, PAGE, RW, Backing::Anonymous, None);
    assert_eq!(more, Err(MapError::NoMemory));
    space
        .unmap(0x10_0000, PAGE)
        .expect("giving back is always possible");
    space.write_u8(next, 1).expect("there is room again");
}

#[test]
fn touching_ever_more_tables_is_bounded_too() {
    let mut space = space_of(Arch::X86_64, 64 * PAGE);
    space
        .map(1 << 40, 1 << 40, RW, Backing::Anonymous, None)
        .expect("room");
    let refused = (0..1024u64).find_map(|gib| {
        space
            .resolve((1 << 40) + (gib << 30), Access::Read)
            .err()
            .map(|fault| fault.kind)
    });
    assert_eq!(refused, Some(FaultKind::NoMemory));
}
