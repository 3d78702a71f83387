//! Numbers of calls on one profile.

use crate::Width;

/// A number of a profile and the call it stands for.
#[derive(Debug)]
pub struct Row {
    /// The number, the profile's base included (O32: from 4000).
    pub number: u32,
    /// The profile's own name of the call (what strace prints there).
    pub name: &'static str,
    /// The kernel's entry point, such as `sys_openat`.
    pub entry: &'static str,
    /// Index of the call among those of its OS.
    pub call: u16,
    /// The arguments in the order in which this profile passes them.
    pub params: &'static [RowParam],
    /// Names and C types of the arguments as this profile declares them, where that differs from [`crate::CallInfo`].
    pub declared: Option<&'static [(&'static str, &'static str)]>,
}

/// An argument as one profile passes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowParam {
    /// Which field of the call it is.
    pub field: u8,
    /// Its width and sign on this profile.
    pub width: Width,
}

/// All numbers of a profile.
#[derive(Debug)]
pub struct Table {
    /// Sorted by number.
    pub rows: &'static [Row],
    /// Where numbers lie close together. There are few of them: ARM has its private calls far above the others.
    pub spans: &'static [Span],
}

/// A stretch of numbers.
#[derive(Debug)]
pub struct Span {
    /// The first number.
    pub base: u32,
    /// For each number from `base` on the place of its row in [`Table::rows`], plus one; 0 where there is none.
    pub index: &'static [u16],
}

impl Table {
    /// The row of a number.
    #[inline]
    pub fn row(&self, number: u32) -> Option<&'static Row> {
        for span in self.spans {
            if let Some(&at) = span.index.get(number.wrapping_sub(span.base) as usize) {
                return self.rows.get(usize::from(at).checked_sub(1)?);
            }
        }
        None
    }

    /// The first row of a call, by its index among those of its OS.
    pub fn of_call(&self, call: u16) -> Option<&'static Row> {
        self.rows.iter().find(|row| row.call == call)
    }

    /// The row with a name of the profile.
    pub fn by_name(&self, name: &str) -> Option<&'static Row> {
        self.rows.iter().find(|row| row.name == name)
    }
}
