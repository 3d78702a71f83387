//! Which calls of ports are served, and by whom?

use emu_prototypes::nt::{self, NtStatus, services};

use super::message::Message;
use super::{alpc, alpc_attributes, areas, connect, transfer};
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::named::Wish;
use crate::kernel::nt::process;
use crate::kernel::{Cx, Kernel};

impl services::Port<Cx<'_>> for Kernel {
    fn nt_create_port(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreatePort) -> Outcome {
        let sizes = (call.MaxMessageLength, call.MaxConnectionInfoLength);
        let at = (call.PortHandle.address, call.ObjectAttributes.address);
        connect::create(self, cx, at, sizes)
    }

    fn nt_create_waitable_port(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtCreateWaitablePort,
    ) -> Outcome {
        let sizes = (call.MaxMessageLength, call.MaxConnectionInfoLength);
        let at = (call.PortHandle.address, call.ObjectAttributes.address);
        connect::create(self, cx, at, sizes)
    }

    fn nt_connect_port(&mut self, cx: &mut Cx<'_>, call: &nt::NtConnectPort) -> Outcome {
        let secure = nt::NtSecureConnectPort {
            PortHandle: call.PortHandle,
            PortName: call.PortName,
            SecurityQos: call.SecurityQos,
            ClientView: call.ClientView,
            RequiredServerSid: emu_prototypes::Ptr::new(0),
            ServerView: call.ServerView,
            MaxMessageLength: call.MaxMessageLength,
            ConnectionInformation: call.ConnectionInformation,
            ConnectionInformationLength: call.ConnectionInformationLength,
        };
        connect::connect(self, cx, &secure)
    }

    fn nt_secure_connect_port(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSecureConnectPort,
    ) -> Outcome {
        connect::connect(self, cx, call)
    }

    fn nt_listen_port(&mut self, cx: &mut Cx<'_>, call: &nt::NtListenPort) -> Outcome {
        transfer::listen(self, cx, call)
    }

    fn nt_accept_connect_port(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAcceptConnectPort,
    ) -> Outcome {
        connect::accept(self, cx, call)
    }

    fn nt_complete_connect_port(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtCompleteConnectPort,
    ) -> Outcome {
        connect::complete(self, cx, call.PortHandle)
    }

    fn nt_request_port(&mut self, cx: &mut Cx<'_>, call: &nt::NtRequestPort) -> Outcome {
        transfer::datagram(self, cx, call)
    }

    fn nt_request_wait_reply_port(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtRequestWaitReplyPort,
    ) -> Outcome {
        transfer::request(self, cx, call)
    }

    fn nt_reply_port(&mut self, cx: &mut Cx<'_>, call: &nt::NtReplyPort) -> Outcome {
        transfer::reply(self, cx, call.PortHandle, call.ReplyMessage.address)?;
        Ok(0)
    }

    fn nt_reply_wait_reply_port(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtReplyWaitReplyPort,
    ) -> Outcome {
        transfer::reply_and_wait(self, cx, call)
    }

    fn nt_reply_wait_receive_port(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtReplyWaitReceivePort,
    ) -> Outcome {
        let timed = nt::NtReplyWaitReceivePortEx {
            PortHandle: call.PortHandle,
            PortContext: call.PortContext,
            ReplyMessage: call.ReplyMessage,
            ReceiveMessage: call.ReceiveMessage,
            Timeout: emu_prototypes::Ptr::new(0),
        };
        transfer::receive(self, cx, &timed)
    }

    fn nt_reply_wait_receive_port_ex(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtReplyWaitReceivePortEx,
    ) -> Outcome {
        transfer::receive(self, cx, call)
    }

    fn nt_read_request_data(&mut self, cx: &mut Cx<'_>, call: &nt::NtReadRequestData) -> Outcome {
        areas::read(self, cx, call)
    }

    fn nt_write_request_data(&mut self, cx: &mut Cx<'_>, call: &nt::NtWriteRequestData) -> Outcome {
        areas::write(self, cx, call)
    }

    fn nt_impersonate_client_of_port(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtImpersonateClientOfPort,
    ) -> Outcome {
        transfer::impersonate(self, cx, call.PortHandle, call.Message.address)
    }

    // There is nothing to tell: the structure of the one class that there is has no fields.
    // [G. Nebbett, Windows NT/2000 Native API Reference, PORT_BASIC_INFORMATION]
    fn nt_query_information_port(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryInformationPort,
    ) -> Outcome {
        self.port(cx, call.PortHandle)?;
        if call.PortInformationClass != 0 {
            return Err(NtStatus::INVALID_INFO_CLASS.into());
        }
        cx.returned_length(call.ReturnLength.address, 0)?;
        Ok(0)
    }

    fn nt_alpc_create_port(&mut self, cx: &mut Cx<'_>, call: &nt::NtAlpcCreatePort) -> Outcome {
        alpc::create(self, cx, call)
    }

    fn nt_alpc_connect_port(&mut self, cx: &mut Cx<'_>, call: &nt::NtAlpcConnectPort) -> Outcome {
        let name = match cx.again {
            true => Vec::new(),
            false => cx.unicode(call.PortName.address)?,
        };
        alpc::connect(self, cx, &name, call)
    }

    fn nt_alpc_connect_port_ex(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAlpcConnectPortEx,
    ) -> Outcome {
        let attributes = cx.attributes(call.ConnectionPortObjectAttributes.address)?;
        let name = attributes.ok_or(NtStatus::INVALID_PARAMETER)?.name;
        let older = nt::NtAlpcConnectPort {
            PortHandle: call.PortHandle,
            PortName: emu_prototypes::Ptr::new(0),
            ObjectAttributes: call.ClientPortObjectAttributes,
            PortAttributes: call.PortAttributes,
            Flags: call.Flags,
            RequiredServerSid: emu_prototypes::Ptr::new(0),
            ConnectionMessage: call.ConnectionMessage,
            BufferLength: call.BufferLength,
            OutMessageAttributes: call.OutMessageAttributes,
            InMessageAttributes: call.InMessageAttributes,
            Timeout: call.Timeout,
        };
        alpc::connect(self, cx, &name, &older)
    }

    fn nt_alpc_accept_connect_port(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAlpcAcceptConnectPort,
    ) -> Outcome {
        alpc::accept(self, cx, call)
    }

    fn nt_alpc_send_wait_receive_port(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAlpcSendWaitReceivePort,
    ) -> Outcome {
        alpc::send_and_receive(self, cx, call)
    }

    fn nt_alpc_disconnect_port(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAlpcDisconnectPort,
    ) -> Outcome {
        let port = self.port(cx, call.PortHandle)?;
        self.disconnect(&port);
        Ok(0)
    }

    fn nt_alpc_query_information(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAlpcQueryInformation,
    ) -> Outcome {
        alpc_attributes::query(self, cx, call)
    }

    fn nt_alpc_set_information(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAlpcSetInformation,
    ) -> Outcome {
        alpc_attributes::set(self, cx, call)
    }

    fn nt_alpc_impersonate_client_of_port(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAlpcImpersonateClientOfPort,
    ) -> Outcome {
        transfer::impersonate(self, cx, call.PortHandle, call.Message.address)
    }

    fn nt_alpc_open_sender_process(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAlpcOpenSenderProcess,
    ) -> Outcome {
        self.port(cx, call.PortHandle)?;
        let message = Message::read(cx, call.PortMessage.address)?;
        let wish = Wish::new(
            call.ProcessHandle,
            call.DesiredAccess,
            call.ObjectAttributes,
        );
        process::open_number(self, cx, message.client.0, wish)
    }

    fn nt_alpc_open_sender_thread(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAlpcOpenSenderThread,
    ) -> Outcome {
        self.port(cx, call.PortHandle)?;
        let message = Message::read(cx, call.PortMessage.address)?;
        let found = message
            .thread()
            .and_then(|tid| self.nt.threads.get(&tid).cloned());
        let found = found.ok_or(NtStatus::INVALID_CID)?;
        let wish = Wish::new(call.ThreadHandle, call.DesiredAccess, call.ObjectAttributes);
        let flags = cx.handle_flags(call.ObjectAttributes.address);
        self.nt_hand_allowed(cx, wish, flags, Object::Thread(found), None)?;
        Ok(0)
    }
}
