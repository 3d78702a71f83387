//! Ports, by which processes call services of others. No service runs, and no port can be made: none is found by its name.

use emu_prototypes::nt::{self, NtStatus, services};

use super::Outcome;
use crate::kernel::{Cx, Kernel};

impl services::Port<Cx<'_>> for Kernel {
    fn nt_connect_port(&mut self, cx: &mut Cx<'_>, call: &nt::NtConnectPort) -> Outcome {
        self.find_port(cx, call.PortName.address)
    }

    fn nt_secure_connect_port(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSecureConnectPort,
    ) -> Outcome {
        self.find_port(cx, call.PortName.address)
    }

    fn nt_alpc_connect_port(&mut self, cx: &mut Cx<'_>, call: &nt::NtAlpcConnectPort) -> Outcome {
        self.find_port(cx, call.PortName.address)
    }

    fn nt_alpc_connect_port_ex(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAlpcConnectPortEx,
    ) -> Outcome {
        let attributes = cx.attributes(call.ConnectionPortObjectAttributes.address)?;
        match attributes {
            None => Err(NtStatus::INVALID_PARAMETER.into()),
            Some(_) => Err(NtStatus::OBJECT_NAME_NOT_FOUND.into()),
        }
    }
}

impl Kernel {
    fn find_port(&mut self, cx: &mut Cx<'_>, name: u64) -> Outcome {
        let name = cx.unicode(name)?;
        match name.first() {
            Some(0x5c) => Err(NtStatus::OBJECT_NAME_NOT_FOUND.into()),
            _ => Err(NtStatus::OBJECT_PATH_SYNTAX_BAD.into()),
        }
    }
}
