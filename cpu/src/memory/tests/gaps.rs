use proptest::prelude::*;

use super::super::gaps::Gaps;
use super::*;

#[test]
fn the_highest_hole_that_is_long_enough_wins() {
    let mut gaps = Gaps::new();
    gaps.insert(0x1_0000, 0x2_0000);
    gaps.insert(0x4_0000, 0x4_3000);
    gaps.insert(0x6_0000, 0x6_1000);
    let highest = |len| gaps.highest(len, 0, u64::MAX, PAGE);
    assert_eq!(highest(0x1000), Some(0x6_0000));
    assert_eq!(highest(0x2000), Some(0x4_1000));
    assert_eq!(highest(0x4000), Some(0x1_c000));
    assert_eq!(highest(0x1_1000), None);
}

#[test]
fn bounds_and_alignment_cut_a_hole() {
    let mut gaps = Gaps::new();
    gaps.insert(0x1_0000, 0x2_0000);
    assert_eq!(gaps.highest(0x1000, 0, 0x1_8000, PAGE), Some(0x1_7000));
    assert_eq!(gaps.highest(0x1000, 0x1_8000, 0x1_8000, PAGE), None);
    assert_eq!(gaps.highest(0x1000, 0, u64::MAX, 0x8000), Some(0x1_8000));
    assert_eq!(gaps.highest(0x9000, 0, u64::MAX, 0x8000), Some(0x1_0000));
    assert_eq!(gaps.highest(0x9000, 0x1_1000, u64::MAX, 0x8000), None);
}

/// The highest fit found by looking at every page.
fn naive(used: &[bool], len: u64, low: u64, high: u64, align: u64) -> Option<u64> {
    let pages = used.len() as u64;
    (0..pages).rev().find(|&page| {
        page % align == 0
            && page >= low
            && page + len <= high.min(pages)
            && (page..page + len).all(|page| !used[page as usize])
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn free_ranges_are_those_of_a_naive_search(
        edits in prop::collection::vec((any::<bool>(), 0u64..96, 1u64..12), 1..60),
        queries in prop::collection::vec((1u64..20, 0u64..100, 0u64..100, 0u32..4), 1..20),
    ) {
        const BASE: u64 = 0x10_0000;
        const PAGES: u64 = 96;
        let memory = Memory::new(MIB).expect("address space of the host");
        let mut space = AddressSpace::new(&memory, Arch::Arm, BASE, BASE + PAGES * PAGE);
        let mut used = [false; PAGES as usize];
        for (index, (map, page, len)) in edits.into_iter().enumerate() {
            let len = len.min(PAGES - page);
            // Neighbours with different rights stay apart.
            let prot = if index % 2 == 0 { RW } else { Prot::READ };
            if map {
                anonymous(&mut space, BASE + page * PAGE, len, prot);
            } else {
                space.unmap(BASE + page * PAGE, len * PAGE).expect("room");
            }
            used[page as usize..(page + len) as usize].fill(map);
            for &(len, low, high, align) in &queries {
                let found =
                    space.find_free_in(len * PAGE, BASE + low * PAGE, (BASE + high * PAGE).min(BASE + PAGES * PAGE), PAGE << align);
                let expected = naive(&used, len, low, high, 1 << align);
                prop_assert_eq!(found, expected.map(|page| BASE + page * PAGE));
            }
            for page in 0..PAGES {
                let free = space.is_free(BASE + page * PAGE, PAGE);
                prop_assert_eq!(free, !used[page as usize]);
            }
        }
    }
}

#[test]
fn searching_among_many_holes_that_are_too_short_finds_the_one_that_is_not() {
    let mut gaps = Gaps::new();
    gaps.insert(0, 10 * PAGE);
    for hole in 1..50_000 {
        gaps.insert(hole * 100 * PAGE, hole * 100 * PAGE + 5 * PAGE);
    }
    let start = std::time::Instant::now();
    for _ in 0..1000 {
        assert_eq!(gaps.highest(6 * PAGE, 0, u64::MAX, PAGE), Some(4 * PAGE));
    }
    assert!(
        start.elapsed().as_millis() < 500,
        "it must not look at each"
    );
}
