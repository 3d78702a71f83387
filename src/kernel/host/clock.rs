//! The host's time as guest time.

use std::rc::Rc;
use std::time::Duration;

use super::Host;
use crate::kernel::time::Source;

/// The clocks of a host.
pub struct HostClock(pub Rc<dyn Host>);

impl Source for HostClock {
    fn monotonic(&self) -> u64 {
        self.0.monotonic()
    }

    fn wall(&self) -> u64 {
        self.0.wall()
    }

    fn sleep(&self, nanoseconds: u64) {
        self.0.sleep(Duration::from_nanos(nanoseconds));
    }
}
