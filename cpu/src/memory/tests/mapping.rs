use super::*;

#[test]
fn neighbours_that_go_together_become_one_region() {
    let mut space = space();
    for page in [4, 2, 3, 7, 5] {
        anonymous(&mut space, page * PAGE, 1, RW);
    }
    assert_eq!(
        layout(&space),
        "2000-6000 rw- anonymous\n7000-8000 rw- anonymous\n"
    );
    space.protect(3 * PAGE, PAGE, Prot::READ).expect("room");
    assert_eq!(
        layout(&space),
        "2000-3000 rw- anonymous\n3000-4000 r-- anonymous\n4000-6000 rw- anonymous\n\
         7000-8000 rw- anonymous\n"
    );
    space.protect(2 * PAGE, 4 * PAGE, RW).expect("room");
    assert_eq!(
        layout(&space),
        "2000-6000 rw- anonymous\n7000-8000 rw- anonymous\n"
    );
}

#[test]
fn regions_of_an_object_join_only_where_the_object_goes_on() {
    let mut space = space();
    let file = object(&space, &[1; 4 * 4096]);
    let at = |offset| Backing::Private {
        object: Rc::clone(&file),
        offset,
    };
    for (page, offset) in [(1, 0x1000), (2, 0x2000), (3, 0x1000)] {
        space
            .map(page * PAGE, PAGE, RW, at(offset), None)
            .expect("room");
    }
    assert_eq!(
        layout(&space),
        "1000-3000 rw- private+1000\n3000-4000 rw- private+1000\n"
    );
    space.unmap(PAGE, PAGE).expect("room");
    assert_eq!(
        layout(&space),
        "2000-3000 rw- private+2000\n3000-4000 rw- private+1000\n"
    );
}

#[test]
fn labels_and_flags_keep_regions_apart() {
    let mut space = space();
    let heap = Some(Label::named("[heap]"));
    space
        .map(0x1000, PAGE, RW, Backing::Anonymous, heap.clone())
        .expect("room");
    anonymous(&mut space, 0x2000, 1, RW);
    assert_eq!(space.regions().count(), 2);
    space.set_label(0x2000, PAGE, heap).expect("room");
    assert_eq!(space.regions().count(), 1);
    space
        .set_flags(0x1000, PAGE, RegionFlags::LOCKED, RegionFlags::empty())
        .expect("room");
    assert_eq!(space.regions().count(), 2);
    space
        .set_flags(0x1000, PAGE, RegionFlags::empty(), RegionFlags::LOCKED)
        .expect("room");
    assert_eq!(space.regions().count(), 1);
}

#[test]
fn mapping_over_something_takes_its_pages_away() {
    let mut space = space();
    anonymous(&mut space, 0x1000, 3, RW);
    space.write(0x1000, &[7; 3 * 4096]).expect("writable");
    anonymous(&mut space, 0x2000, 1, RW);
    assert_eq!(bytes(&mut space, 0x1fff, 2), [7, 0]);
    assert_eq!(bytes(&mut space, 0x2fff, 2), [0, 7]);
    assert_eq!(space.resident(), 2 * PAGE);
}

#[test]
fn a_range_that_wraps_or_is_not_of_pages_is_refused() {
    let mut space = space();
    let mut map = |addr, len| space.map(addr, len, RW, Backing::Anonymous, None);
    assert_eq!(map(0x1001, PAGE), Err(MapError::Invalid));
    assert_eq!(map(0x1000, 5), Err(MapError::Invalid));
    assert_eq!(map(0x1000, 0), Err(MapError::Invalid));
    assert_eq!(map(PAGE, 0u64.wrapping_sub(PAGE)), Err(MapError::Range));
    assert_eq!(map(0u64.wrapping_sub(PAGE), PAGE), Err(MapError::Range));
    assert_eq!(map(0u64.wrapping_sub(PAGE), 4 * PAGE), Err(MapError::Range));
    assert_eq!(map(0u64.wrapping_sub(2 * PAGE), PAGE), Ok(()));
    assert_eq!(map(0, PAGE), Ok(()));
    assert_eq!(map(0, 0u64.wrapping_sub(PAGE)), Ok(()), "all there is");
    assert_eq!(space.mapped_bytes(), 0u64.wrapping_sub(PAGE));
    assert_eq!(space.find_free(PAGE, u64::MAX, PAGE), None);
}

#[test]
fn a_32_bit_space_ends_at_4_gib() {
    let mut space = space_of(Arch::Mips, MIB);
    anonymous(&mut space, 0xffff_f000, 1, RW);
    let more = space.map(0xffff_f000, 2 * PAGE, RW, Backing::Anonymous, None);
    assert_eq!(more, Err(MapError::Range));
    space
        .write(0xffff_fffe, &[1, 2])
        .expect("the last two bytes");
    assert_eq!(
        refusal(space.write(0xffff_fffe, &[1, 2, 3])),
        (0x1_0000_0000, FaultKind::Unmapped)
    );
    assert!(!space.is_free(0xffff_f000, 2 * PAGE));
    assert_eq!(space.find_free(PAGE, u64::MAX, PAGE), Some(0xbfff_f000));
}

#[test]
fn an_offset_that_would_wrap_is_refused() {
    let mut space = space();
    let file = object(&space, b"x");
    let mut map = |offset| {
        let backing = Backing::Shared {
            object: Rc::clone(&file),
            offset,
        };
        space.map(0x1000, 4 * PAGE, RW, backing, None)
    };
    assert_eq!(map(1), Err(MapError::Invalid));
    assert_eq!(map(0u64.wrapping_sub(2 * PAGE)), Err(MapError::Invalid));
    assert_eq!(map(1 << 62), Ok(()));
    assert_eq!(space.extend(0x1000, 4 * PAGE, 1 << 40), Ok(()));
    assert_eq!(refusal(space.read_u8(0x1000)), (0x1000, FaultKind::Bus));
}

#[test]
fn a_reservation_of_a_terabyte_costs_nothing() {
    let mut space = space_of(Arch::X86_64, MIB);
    let tables = space.memory().tables();
    space
        .map(1 << 40, 1 << 40, Prot::empty(), Backing::Anonymous, None)
        .expect("room");
    space.protect(1 << 40, PAGE, RW).expect("room");
    space.write_u8(1 << 40, 1).expect("writable");
    assert_eq!(space.resident(), PAGE);
    space.unmap(1 << 40, 1 << 40).expect("room");
    assert_eq!((space.memory().used(), space.mapped_bytes()), (0, 0));
    assert!(
        space.memory().tables() <= tables + PAGE,
        "but for one spare leaf"
    );
}

#[test]
fn protection_needs_a_range_without_holes() {
    let mut space = space();
    anonymous(&mut space, 0x1000, 1, RW);
    anonymous(&mut space, 0x3000, 1, RW);
    assert_eq!(
        space.protect(0x1000, 3 * PAGE, Prot::READ),
        Err(MapError::Hole)
    );
    assert_eq!(
        layout(&space),
        "1000-2000 rw- anonymous\n3000-4000 rw- anonymous\n"
    );
    assert_eq!(space.protect(0x2000, PAGE, Prot::READ), Err(MapError::Hole));
    assert!(space.is_mapped(0x1000, PAGE) && !space.is_mapped(0x1000, PAGE + 1));
}

#[test]
fn a_file_that_is_not_open_for_writing_never_becomes_writable() {
    let mut space = space();
    let backing = Backing::Shared {
        object: object(&space, b"x"),
        offset: 0,
    };
    let flags = RegionFlags::NEVER_WRITE;
    space
        .map_with(0x1000, PAGE, Prot::READ, backing, None, flags)
        .expect("room");
    assert_eq!(space.protect(0x1000, PAGE, RW), Err(MapError::Denied));
    assert_eq!(space.protect(0x1000, PAGE, RX), Ok(()));
}

#[test]
fn the_number_of_regions_is_bounded() {
    let mut space = space();
    for index in 0..MAX_REGIONS as u64 {
        anonymous(&mut space, 0x10_0000 + index * 4 * PAGE, 3, RW);
    }
    let more = space.map(0x1000, PAGE, RW, Backing::Anonymous, None);
    assert_eq!(more, Err(MapError::TooMany));
    assert_eq!(
        space.unmap(0x10_1000, PAGE),
        Err(MapError::TooMany),
        "it would make one more"
    );
    assert_eq!(
        space.protect(0x10_1000, PAGE, Prot::READ),
        Err(MapError::TooMany)
    );
    space.unmap(0x10_0000, PAGE).expect("it makes none more");
    space.unmap(0x10_1000, 2 * PAGE).expect("it makes one less");
    anonymous(&mut space, 0x1000, 1, RW);
}

#[test]
fn a_limit_bounds_what_is_mapped() {
    let mut space = space();
    space.set_limit(Some(4 * PAGE));
    anonymous(&mut space, 0x1000, 3, RW);
    let more = space.map(0x8000, 2 * PAGE, RW, Backing::Anonymous, None);
    assert_eq!(more, Err(MapError::Limit));
    anonymous(&mut space, 0x1000, 3, Prot::READ);
    assert_eq!(
        space.extend(0x1000, 3 * PAGE, 5 * PAGE),
        Err(MapError::Limit)
    );
    assert_eq!(space.extend(0x1000, 3 * PAGE, 4 * PAGE), Ok(()));
    assert_eq!(space.mapped_bytes(), 4 * PAGE);
    assert_eq!(
        space.move_pages(0x1000, 4 * PAGE, 0x8000, 4 * PAGE, true),
        Err(MapError::Limit)
    );
    assert_eq!(
        space.move_pages(0x1000, 4 * PAGE, 0x8000, 4 * PAGE, false),
        Ok(())
    );
}

#[test]
fn private_writable_memory_counts_as_data() {
    let mut space = space();
    let file = object(&space, b"x");
    anonymous(&mut space, 0x1000, 2, RW);
    private(&mut space, 0x5000, 1, &file);
    shared(&mut space, 0x7000, 1, &file);
    assert_eq!(space.data_bytes(), 3 * PAGE);
    space.protect(0x1000, PAGE, Prot::READ).expect("room");
    assert_eq!(space.data_bytes(), 2 * PAGE);
    space.unmap(0x1000, 0x10000).expect("room");
    assert_eq!((space.data_bytes(), space.mapped_bytes()), (0, 0));
}

#[test]
fn a_moved_mapping_has_its_content_with_it() {
    let mut space = space();
    anonymous(&mut space, 0x1000, 3, RW);
    space.write(0x1000, &[1; 3 * 4096]).expect("writable");
    space
        .move_pages(0x2000, 2 * PAGE, 0x8000, 3 * PAGE, false)
        .expect("room");
    assert_eq!(
        layout(&space),
        "1000-2000 rw- anonymous\n8000-b000 rw- anonymous\n"
    );
    assert_eq!(bytes(&mut space, 0x9fff, 2), [1, 0]);
    assert_eq!(
        refusal(space.read_u8(0x2000)),
        (0x2000, FaultKind::Unmapped)
    );
    space
        .move_pages(0x8000, 3 * PAGE, 0x1_0000, PAGE, true)
        .expect("room");
    assert_eq!(bytes(&mut space, 0x1_0fff, 1), [1]);
    assert_eq!(
        bytes(&mut space, 0x8000, 0x2000),
        [0; 0x2000],
        "kept, without its pages"
    );
    assert_eq!(space.resident(), 2 * PAGE);
}

#[test]
fn a_move_takes_one_region_to_where_it_does_not_overlap() {
    let mut space = space();
    anonymous(&mut space, 0x1000, 2, RW);
    anonymous(&mut space, 0x3000, 1, Prot::READ);
    let moved = space.move_pages(0x1000, 3 * PAGE, 0x8000, 3 * PAGE, false);
    assert_eq!(moved, Err(MapError::Hole));
    let moved = space.move_pages(0x1000, 2 * PAGE, 0x2000, 2 * PAGE, false);
    assert_eq!(moved, Err(MapError::Invalid));
}

#[test]
fn a_longer_mapping_needs_free_room() {
    let mut space = space();
    let file = object(&space, &[5; 3 * 4096]);
    private(&mut space, 0x1000, 1, &file);
    anonymous(&mut space, 0x4000, 1, RW);
    assert_eq!(
        space.extend(0x1000, PAGE, 4 * PAGE),
        Err(MapError::Occupied)
    );
    assert_eq!(space.extend(0x1000, PAGE, 3 * PAGE), Ok(()));
    assert_eq!(
        layout(&space),
        "1000-4000 rw- private+0\n4000-5000 rw- anonymous\n"
    );
    assert_eq!(bytes(&mut space, 0x3fff, 2), [5, 0]);
}

#[test]
fn discarded_pages_are_as_new() {
    let mut space = space();
    let file = object(&space, &[5; 4096]);
    anonymous(&mut space, 0x1000, 1, RW);
    private(&mut space, 0x2000, 1, &file);
    shared(&mut space, 0x3000, 1, &file);
    space.write(0x1000, &[9; 0x2010]).expect("writable");
    space.discard(0x1000, 0x5000).expect("room");
    assert_eq!(bytes(&mut space, 0x1000, 1), [0]);
    assert_eq!(
        bytes(&mut space, 0x2000, 1),
        [9],
        "what was written through the shared mapping"
    );
    assert_eq!(bytes(&mut space, 0x2010, 1), [5]);
    assert_eq!(bytes(&mut space, 0x300f, 2), [9, 5]);
}

#[test]
fn populating_makes_pages_present_up_to_the_first_that_cannot_be() {
    let mut space = space();
    anonymous(&mut space, 0x1000, 2, RW);
    space.populate(0x1000, 2 * PAGE).expect("all mapped");
    assert_eq!(space.resident(), 2 * PAGE);
    assert!(space.is_present(0x2fff) && !space.is_present(0x3000));
    assert_eq!(
        refusal(space.populate(0x2000, 0x4000)),
        (0x3000, FaultKind::Unmapped)
    );
    space
        .map(1 << 40, 1 << 45, Prot::READ, Backing::Anonymous, None)
        .expect("room");
    space
        .populate(1 << 40, 1 << 45)
        .expect("nothing to do, and soon done");
}
