//! What an engine may rely on.

use super::*;

#[test]
fn mapping_a_hole_and_widening_leave_translations_valid() {
    let mut space = space();
    anonymous(&mut space, 0x1000, 1, Prot::READ);
    space.resolve(0x1000, Access::Read).expect("readable");
    let before = space.generation();
    anonymous(&mut space, 0x2000, 1, RW);
    space.write(0x2000, b"new").expect("writable");
    space.protect(0x1000, PAGE, RW).expect("room");
    space.extend(0x2000, PAGE, 2 * PAGE).expect("room");
    space.unmap(0x2000, 2 * PAGE).expect("room");
    assert_ne!(space.generation(), before, "a page was there");
    let before = space.generation();
    anonymous(&mut space, 0x8000, 1, RW);
    space.unmap(0x8000, PAGE).expect("room");
    assert_eq!(space.generation(), before, "nothing was ever there");
}

#[test]
fn narrowing_unmapping_and_another_frame_make_translations_invalid() {
    let check = |what: &str, change: fn(&mut AddressSpace)| {
        let mut space = space();
        let file = object(&space, &[1; 2 * 4096]);
        anonymous(&mut space, 0x1000, 1, RW);
        anonymous(&mut space, 0x2000, 1, RW);
        shared(&mut space, 0x3000, 2, &file);
        space.resolve(0x1000, Access::Write).expect("writable");
        space.resolve(0x2000, Access::Read).expect("readable");
        space.resolve(0x4000, Access::Read).expect("readable");
        let before = space.generation();
        change(&mut space);
        assert_ne!(space.generation(), before, "{what}");
    };
    check("narrowing", |space| {
        space.protect(0x1000, PAGE, Prot::READ).expect("room")
    });
    check("unmapping", |space| {
        space.unmap(0x1000, PAGE).expect("room")
    });
    check("mapping over it", |space| anonymous(space, 0x1000, 1, RW));
    check("a kernel's store to the zero page", |space| {
        space.write_u8(0x2000, 1).expect("writable");
    });
    check("fork", |space| drop(space.fork().expect("room")));
    check("moving", |space| {
        space
            .move_pages(0x1000, PAGE, 0x8000, PAGE, false)
            .expect("room");
    });
    check("discarding", |space| {
        space.discard(0x1000, PAGE).expect("room")
    });
    check("truncating", |space| {
        let (object, _) = space.shared_at(0x4000).expect("shared");
        object.truncate(10).expect("no pager");
    });
}

#[test]
fn a_page_that_was_never_granted_needs_no_flush() {
    let mut space = space();
    anonymous(&mut space, 0x1000, 1, RW);
    space.write_u8(0x1000, 1).expect("writable");
    space.protect(0x1000, PAGE, Prot::READ).expect("room");
    space.unmap(0x1000, PAGE).expect("room");
    assert_eq!(space.generation(), 0);
}

#[test]
fn an_untouched_page_is_the_zero_page_until_the_first_store() {
    let mut space = space();
    anonymous(&mut space, 0x1000, 1, RW);
    let page = space.resolve(0x1234, Access::Read).expect("readable");
    assert_eq!(
        page,
        Page {
            frame: Frame::ZERO,
            prot: Prot::READ
        }
    );
    let before = space.generation();
    let page = space.resolve(0x1234, Access::Write).expect("writable");
    assert_eq!(page.prot, RW);
    assert_ne!(page.frame, Frame::ZERO);
    assert_eq!(
        space.generation(),
        before,
        "the new answer takes the place of the old one"
    );
}

#[test]
fn a_store_that_moves_a_page_with_code_wants_a_flush_at_once() {
    let mut space = space();
    anonymous(&mut space, 0x1000, 1, RW | Prot::EXEC);
    let page = space.resolve(0x1000, Access::Fetch).expect("executable");
    space.memory().set_code(page.frame);
    let before = space.generation();
    space.resolve(0x1000, Access::Write).expect("writable");
    assert_ne!(space.generation(), before);
    let before = space.generation();
    space.unmap(0x1000, PAGE).expect("room");
    assert_ne!(
        space.generation(),
        before,
        "the last answer counts as granted"
    );
}

#[test]
fn a_refusal_says_why() {
    let mut space = space();
    anonymous(&mut space, 0x1000, 1, Prot::READ);
    let mut kind = |address, access| space.resolve(address, access).map_err(|fault| fault.kind);
    assert_eq!(kind(0x1000, Access::Write), Err(FaultKind::Denied));
    assert_eq!(kind(0x1000, Access::Fetch), Err(FaultKind::Denied));
    assert!(kind(0x1000, Access::Read).is_ok());
    assert_eq!(
        kind(0x1000, Access::Write),
        Err(FaultKind::Denied),
        "also when it is present"
    );
    assert_eq!(kind(0x2000, Access::Read), Err(FaultKind::Unmapped));
    assert_eq!(kind(u64::MAX, Access::Fetch), Err(FaultKind::Unmapped));
    let fault = space.resolve(0x1001, Access::Write).expect_err("read-only");
    assert_eq!(
        fault.to_string(),
        "write at 0x1001: the mapping does not allow it"
    );
}

#[test]
fn a_copy_to_the_guest_makes_code_stale() {
    let mut space = space();
    anonymous(&mut space, 0x1000, 1, RW | Prot::EXEC);
    space.write_u8(0x1000, 0x90).expect("writable");
    let watch = space.memory().watch();
    let page = space.resolve(0x1000, Access::Fetch).expect("executable");
    space.memory().set_code(page.frame);
    space.write_u8(0x1fff, 0x90).expect("writable");
    assert_eq!(watch.take(), [page.frame]);
}
