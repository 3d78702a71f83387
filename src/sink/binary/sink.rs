//! The sink.

use std::io::{self, Write};

use emu_prototypes::CallInfo;
use lz4_flex::frame::{BlockMode, BlockSize, FrameEncoder, FrameInfo};

use super::MAGIC;
use super::ask::Askers;
use super::write::Writer;
use crate::event::Event;
use crate::sink::{Output, Sink};
use crate::view::View;

/// Writes the binary form.
pub struct BinarySink {
    output: Output,
    askers: Askers,
    writer: Writer,
}

impl BinarySink {
    /// A sink that keeps what these other sinks would ask of the guest, for the calls that one of them wants. Where those
    /// write to should be [`Output::nowhere`]; `output` should be an [`Output::binary`].
    pub fn new(output: Output, askers: Vec<Box<dyn Sink>>) -> Self {
        BinarySink {
            output,
            askers: Askers::new(askers),
            writer: Writer::default(),
        }
    }
}

impl Sink for BinarySink {
    fn wants(&self, call: Option<&'static CallInfo>) -> bool {
        self.askers.wants(call)
    }

    fn event(&mut self, event: &Event<'_>, view: &mut View<'_>) -> io::Result<()> {
        self.askers.ask(event, view, &mut self.writer.kept)?;
        self.writer.event(event, view);
        self.output.line(&self.writer.record)
    }

    fn is_over(&self) -> bool {
        self.askers.are_over()
    }

    fn finish(&mut self) -> io::Result<()> {
        self.output.finish()
    }
}

/// Packs what is written. The frame ends when it is dropped.
pub(in crate::sink) struct Packed(Option<FrameEncoder<Box<dyn Write + Send>>>);

impl Packed {
    pub(in crate::sink) fn new(mut to: Box<dyn Write + Send>) -> io::Result<Packed> {
        to.write_all(MAGIC)?;
        let info = FrameInfo::new()
            .block_size(BlockSize::Max256KB)
            .block_mode(BlockMode::Linked);
        Ok(Packed(Some(FrameEncoder::with_frame_info(info, to))))
    }
}

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .as_mut()
            .map_or(Ok(bytes.len()), |to| to.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.as_mut().map_or(Ok(()), |to| {
            to.flush()?;
            to.get_mut().flush()
        })
    }
}

impl Drop for Packed {
    fn drop(&mut self) {
        if let Some(to) = self.0.take() {
            // Whoever could be told is gone; what was written before can be read.
            let _ = to.finish();
        }
    }
}
