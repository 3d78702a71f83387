//! Which CPU does the machine have? `/proc/cpuinfo`.

use super::Proc;

impl Proc<'_> {
    /// The one CPU, as the profile describes its model.
    pub(super) fn cpuinfo(&self) -> String {
        self.profile.cpuinfo.to_owned()
    }
}
