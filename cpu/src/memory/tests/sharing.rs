use super::*;

#[test]
fn parent_and_child_see_only_their_own_stores() {
    let mut parent = space();
    anonymous(&mut parent, 0x1000, 2, RW);
    parent.write(0x1000, b"before").expect("writable");
    let mut child = parent.fork().expect("room");
    parent.write(0x1000, b"parent").expect("writable");
    child.write(0x1003, b"child").expect("writable");
    let mut grandchild = child.fork().expect("room");
    child.write(0x2000, b"2").expect("writable");
    assert_eq!(bytes(&mut parent, 0x1000, 8), b"parent\0\0");
    assert_eq!(bytes(&mut child, 0x1000, 8), b"befchild");
    assert_eq!(bytes(&mut grandchild, 0x1000, 8), b"befchild");
    assert_eq!(bytes(&mut grandchild, 0x2000, 1), [0]);
    drop(parent);
    grandchild.write(0x1000, b"grand").expect("writable");
    assert_eq!(bytes(&mut child, 0x1000, 8), b"befchild");
}

#[test]
fn mappings_change_on_one_side_only() {
    let mut parent = space();
    anonymous(&mut parent, 0x1000, 3, RW);
    parent.write(0x1000, &[1; 3 * 4096]).expect("writable");
    let mut child = parent.fork().expect("room");
    child.unmap(0x2000, PAGE).expect("room");
    parent.protect(0x1000, PAGE, Prot::READ).expect("room");
    child.write_u8(0x1000, 2).expect("still writable there");
    assert_eq!(
        layout(&parent),
        "1000-2000 r-- anonymous\n2000-4000 rw- anonymous\n"
    );
    assert_eq!(
        layout(&child),
        "1000-2000 rw- anonymous\n3000-4000 rw- anonymous\n"
    );
    assert_eq!(bytes(&mut parent, 0x1000, 3 * 4096), [1; 3 * 4096]);
}

#[test]
fn the_last_owner_of_a_page_writes_it_in_place() {
    let mut parent = space();
    anonymous(&mut parent, 0x1000, 1, RW);
    parent.write_u8(0x1000, 1).expect("writable");
    let frame = parent
        .resolve(0x1000, Access::Write)
        .expect("writable")
        .frame;
    let child = parent.fork().expect("room");
    let page = parent.resolve(0x1000, Access::Read).expect("readable");
    assert_eq!(
        page,
        Page {
            frame,
            prot: Prot::READ
        }
    );
    drop(child);
    let page = parent.resolve(0x1000, Access::Write).expect("writable");
    assert_eq!(page, Page { frame, prot: RW });
    assert_eq!(parent.memory().used(), PAGE);
}

#[test]
fn shared_mappings_and_the_object_are_one() {
    let mut one = space();
    let file = object(&one, b"from the file");
    shared(&mut one, 0x1000, 1, &file);
    let mut two = one.fork().expect("room");
    shared(&mut two, 0x8000, 1, &file);
    two.write(0x8000, b"FROM").expect("writable");
    one.write(0x1005, b"THE").expect("writable");
    assert_eq!(bytes(&mut one, 0x1000, 13), b"FROM THE file");
    assert_eq!(bytes(&mut two, 0x1000, 13), b"FROM THE file");
    file.write(9, b"FILE").expect("room");
    assert_eq!(bytes(&mut two, 0x8000, 13), b"FROM THE FILE");
    let mut content = [0; 20];
    assert_eq!(file.read(0, &mut content).expect("no pager"), 13);
    assert_eq!(&content[..13], b"FROM THE FILE");
    let (object, offset) = two.shared_at(0x8004).expect("shared");
    assert_eq!((object.id(), offset), (file.id(), 4));
}

#[test]
fn a_private_mapping_follows_the_object_until_it_is_written() {
    let mut space = space();
    let file = object(&space, b"file");
    private(&mut space, 0x1000, 1, &file);
    assert_eq!(bytes(&mut space, 0x1000, 4), b"file");
    file.write(0, b"F").expect("room");
    assert_eq!(bytes(&mut space, 0x1000, 4), b"File");
    space.write(0x1001, b"I").expect("writable");
    file.write(0, b"____").expect("room");
    assert_eq!(bytes(&mut space, 0x1000, 4), b"FIle");
    let mut content = [0; 4];
    file.read(0, &mut content).expect("no pager");
    assert_eq!(&content, b"____");
}

#[test]
fn beyond_the_end_of_an_object_is_a_bus_error_for_everybody() {
    let mut one = space();
    let file = object(&one, &[7; 3 * 4096]);
    shared(&mut one, 0x1_0000, 4, &file);
    private(&mut one, 0x2_0000, 4, &file);
    assert_eq!(refusal(one.read_u8(0x1_3000)), (0x1_3000, FaultKind::Bus));
    one.write(0x2_0000, &[8; 3 * 4096]).expect("writable");
    assert_eq!(one.read_u8(0x1_2000), Ok(7));
    let mut two = one.fork().expect("room");
    file.truncate(4096 + 10).expect("no pager");
    for space in [&mut one, &mut two] {
        assert_eq!(bytes(space, 0x1_1009, 2), [7, 0], "the tail is zero");
        assert_eq!(refusal(space.read_u8(0x1_2000)), (0x1_2000, FaultKind::Bus));
        assert_eq!(
            refusal(space.poke(0x1_2000, &[1])),
            (0x1_2000, FaultKind::Bus)
        );
        assert_eq!(refusal(space.read_u8(0x2_2000)), (0x2_2000, FaultKind::Bus));
        assert_eq!(space.read_u8(0x2_1fff), Ok(8), "a copy of its own");
    }
    file.truncate(3 * 4096).expect("no pager");
    for space in [&mut one, &mut two] {
        assert_eq!(space.read_u8(0x1_2000), Ok(0));
        assert_eq!(space.read_u8(0x2_2000), Ok(0));
    }
}

#[test]
fn private_copies_beyond_an_end_that_nobody_looked_at_are_gone_too() {
    let mut space = space();
    let file = object(&space, &[7; 3 * 4096]);
    private(&mut space, 0x1000, 3, &file);
    space.write(0x1000, &[8; 3 * 4096]).expect("writable");
    for pages in [1, 3, 2, 3] {
        file.truncate(pages * PAGE).expect("no pager");
    }
    assert_eq!(bytes(&mut space, 0x1fff, 2), [8, 0]);
}

#[test]
fn a_punched_hole_is_seen_through_mappings_but_not_through_private_copies() {
    let mut space = space();
    let file = object(&space, &[7; 3 * 4096]);
    shared(&mut space, 0x1_0000, 3, &file);
    private(&mut space, 0x2_0000, 3, &file);
    assert_eq!(bytes(&mut space, 0x1_0000, 3 * 4096), [7; 3 * 4096]);
    assert_eq!(bytes(&mut space, 0x2_0000, 3 * 4096), [7; 3 * 4096]);
    space.write_u8(0x2_0000, 8).expect("writable");
    file.punch(0, 2 * PAGE).expect("no pager");
    assert_eq!(space.read_u8(0x1_0000), Ok(0));
    assert_eq!(space.read_u8(0x1_2000), Ok(7));
    assert_eq!(bytes(&mut space, 0x2_0000, 2), [8, 7]);
    assert_eq!(space.read_u8(0x2_1000), Ok(0));
    space.write_u8(0x1_0000, 9).expect("writable");
    let mut content = [0; 2];
    file.read(0, &mut content).expect("no pager");
    assert_eq!(content, [9, 0]);
}

#[test]
fn a_fork_leaves_out_or_wipes_what_it_was_told_to() {
    let mut parent = space();
    anonymous(&mut parent, 0x1000, 3, RW);
    parent.write(0x1000, &[1; 3 * 4096]).expect("writable");
    let none = RegionFlags::empty();
    parent
        .set_flags(0x1000, PAGE, RegionFlags::DONT_FORK, none)
        .expect("room");
    parent
        .set_flags(0x2000, PAGE, RegionFlags::WIPE_ON_FORK, none)
        .expect("room");
    let mut child = parent.fork().expect("room");
    assert_eq!(
        refusal(child.read_u8(0x1000)),
        (0x1000, FaultKind::Unmapped)
    );
    assert_eq!(bytes(&mut child, 0x2fff, 2), [0, 1]);
    assert_eq!(bytes(&mut parent, 0x1000, 3 * 4096), [1; 3 * 4096]);
}

#[test]
fn a_thousand_forks_share_their_memory() {
    let mut parent = space();
    let stack = 0x7fff_f000_0000;
    anonymous(&mut parent, 0x40_0000, 2560, RW);
    anonymous(&mut parent, stack, 16, RW);
    parent
        .write(0x40_0000, &vec![1; 10 << 20])
        .expect("writable");
    parent.write_u8(stack, 1).expect("writable");
    let before = parent.memory().used();
    let mut children = Vec::new();
    for _ in 0..1000 {
        let mut child = parent.fork().expect("room");
        child.write_u8(stack, 2).expect("writable");
        child.write_u8(0x41_0000, 2).expect("writable");
        children.push(child);
    }
    let memory = parent.memory().clone();
    assert_eq!(
        memory.used() - before,
        2000 * PAGE,
        "the pages that were written"
    );
    assert!(memory.tables() < 20 * MIB, "{}", memory.tables());
    drop(children);
    assert_eq!(memory.used(), before);
    drop(parent);
    assert_eq!((memory.used(), memory.tables()), (0, 0));
}

#[test]
fn an_untouched_fork_costs_next_to_nothing() {
    let mut parent = space();
    anonymous(&mut parent, 0x40_0000, 2560, RW);
    parent
        .write(0x40_0000, &vec![1; 10 << 20])
        .expect("writable");
    let before = (parent.memory().used(), parent.memory().tables());
    let child = parent.fork().expect("room");
    assert_eq!((parent.memory().used(), parent.memory().tables()), before);
    assert_eq!(child.resident(), 10 * MIB);
}

#[test]
fn a_fork_without_room_is_refused_and_the_parent_goes_on() {
    let mut parent = space_of(Arch::Arm, 40 * PAGE);
    anonymous(&mut parent, 0x10_0000, 64, RW);
    let written = parent
        .write_partial(0x10_0000, &[1; 64 * 4096])
        .expect("some");
    let mut child = parent.fork().expect("it shares all");
    assert_eq!(
        refusal(child.write_u8(0x10_0000, 2)),
        (0x10_0000, FaultKind::NoMemory)
    );
    assert_eq!(child.unmap(0x10_0000, PAGE), Err(MapError::NoMemory));
    drop(child);
    parent.write_u8(0x10_0000, 2).expect("its own page");
    assert_eq!(
        bytes(&mut parent, 0x10_0001, written - 1),
        vec![1; written - 1]
    );
}
