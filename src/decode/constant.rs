//! What has a name and a number: which of them is shown, or both?

use super::settings::Constants;
use super::{Printer, number};

impl Printer<'_> {
    /// Something that has a name and a number.
    pub(super) fn constant(
        &mut self,
        number: impl FnOnce(&mut Vec<u8>),
        name: impl FnOnce(&mut Self),
    ) {
        match self.names.form {
            Constants::Numbers => number(self.out),
            Constants::Names => name(self),
            Constants::Both => {
                number(self.out);
                self.text(" /* ");
                self.in_words(name);
                self.text(" */");
            }
        }
    }

    /// What `show` appends, with names whatever the form.
    pub(super) fn in_words(&mut self, show: impl FnOnce(&mut Self)) {
        let form = std::mem::replace(&mut self.names.form, Constants::Names);
        show(self);
        self.names.form = form;
    }

    /// Whether names alone are shown.
    pub(super) fn only_words(&self) -> bool {
        self.names.form == Constants::Names
    }

    /// Whether names are shown at all.
    pub(super) fn has_words(&self) -> bool {
        self.names.form != Constants::Numbers
    }

    /// Something that has a name, and a number in hexadecimal.
    pub(super) fn hex_or(&mut self, value: u64, name: impl FnOnce(&mut Self)) {
        self.constant(|out| number::hex(out, value), name);
    }

    /// Something that has a name, and a signed number.
    pub(super) fn signed_or(&mut self, value: i64, name: impl FnOnce(&mut Self)) {
        self.constant(|out| number::signed(out, value), name);
    }
}
