//! Linux on 32-bit ARM, for programs of the old ABI.

use crate::Profile;
use crate::linux_arm::{EABI, LINUX_ARM, OABI};

pub(crate) static LINUX_ARM_OABI: Profile = Profile {
    name: "linux_arm_oabi",
    aliases: &[],
    entries: &[OABI, EABI],
    ..LINUX_ARM
};
