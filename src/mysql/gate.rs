//! Between the driver and the server: every packet passes here, and those that the driver could not bear, or
//! that would give something away, do not. The driver (mysql_async 0.37) allocates by the number of columns
//! that a server announces, so that one lying packet would end the whole program; it sends a password to
//! whoever asks for it on a socket or through TLS, whosever certificate that was; and it does not verify a
//! certificate without insisting on it. This room counts columns, follows each answer to its end, and hands
//! over a password only where nobody else can read it.

use super::failure::Failure;
use super::greeting::{Greeting, with_tls};
use super::packet::{Packet, Stream, gone, read, write};
use super::place::{Login, Place};
use super::session::LARGEST_PACKET;
use super::tls;
use super::transport::Transport;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncWriteExt as _, BufStream};

/// No answer has more columns.
const MOST_COLUMNS: u64 = 500;
/// No greeting or step of a login is larger, in bytes.
const LARGEST_STEP: usize = 64 << 10;
/// No login has more steps.
const MOST_STEPS: usize = 20;
/// `SERVER_MORE_RESULTS_EXISTS`
const MORE_RESULTS: u16 = 0x8;

/// What the session learns from the gate.
#[derive(Clone, Default)]
pub(super) struct Notes(Arc<Mutex<Note>>);

#[derive(Default)]
struct Note {
    transport: Transport,
    /// Why the gate was shut.
    shut: Option<Failure>,
    tls_failed: bool,
}

impl Notes {
    pub(super) fn transport(&self) -> Transport {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .transport
            .clone()
    }

    pub(super) fn shut(&self) -> Option<Failure> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .shut
            .clone()
    }

    /// Whether the gate was shut because no TLS could be agreed upon.
    pub(super) fn tls_failed(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .tls_failed
    }

    /// Remembers why there is no TLS though it is offered.
    pub(super) fn no_tls(&self, why: String) {
        self.set(|note| note.transport.problem = why);
    }

    fn set(&self, change: impl FnOnce(&mut Note)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// A connection to a server whose greeting was read.
pub(super) struct Gate {
    pub(super) server: Box<dyn Stream>,
    pub(super) greeting: Greeting,
    pub(super) place: Place,
    pub(super) login: Arc<Login>,
    /// Whether TLS is used.
    pub(super) tls: bool,
    pub(super) notes: Notes,
}

impl Gate {
    /// Carries packets to and fro until one side is gone; says why where it was shut from here.
    pub(super) async fn run(self, driver: Box<dyn Stream>) {
        let notes = self.notes.clone();
        if let Err(failure) = self.carry(driver).await {
            notes.set(|note| note.shut = Some(failure));
        }
    }

    async fn carry(self, driver: Box<dyn Stream>) -> Result<(), Failure> {
        let mut transport = Transport {
            offered: self.greeting.offers_tls(),
            ..Transport::default()
        };
        self.notes.set(|note| note.transport = transport.clone());
        let mut driver = BufStream::new(driver);
        hand(&mut driver, &self.greeting.for_driver()).await?;
        let mut answer = read(&mut driver, LARGEST_STEP).await?;
        let mut server = self.server;
        // TLS costs one packet, which the driver does not know of.
        let mut ahead = 0;
        if self.tls {
            let odd = || Failure::Lie("the driver's answer is too short".to_owned());
            let (request, whole) = with_tls(&answer).ok_or_else(odd)?;
            hand(&mut server, &request).await?;
            let wrapped = tls::wrap(server, &self.place, &self.login, &mut transport).await;
            self.notes.set(|note| note.tls_failed = wrapped.is_err());
            server = wrapped?;
            self.notes.set(|note| note.transport = transport.clone());
            answer = whole;
            ahead = 1;
        }
        let verified = self.tls && transport.problem.is_empty();
        let private = self.place.is_local() || verified || self.login.trusts_anybody;
        let mut line = Line {
            driver,
            server: BufStream::new(server),
            ahead,
        };
        line.log_in(answer, private).await?;
        line.ahead = 0;
        while line.command().await? {}
        Ok(())
    }
}

/// Writes a packet and sees it off.
async fn hand(stream: &mut impl Stream, packet: &Packet) -> Result<(), Failure> {
    write(stream, packet).await?;
    stream.flush().await.map_err(|error| gone(&error))
}

/// Both ends.
struct Line {
    driver: BufStream<Box<dyn Stream>>,
    server: BufStream<Box<dyn Stream>>,
    ahead: u8,
}

impl Line {
    async fn give_server(&mut self, mut packet: Packet) -> Result<(), Failure> {
        packet.sequence = packet.sequence.wrapping_add(self.ahead);
        hand(&mut self.server, &packet).await
    }

    async fn give_driver(&mut self, packet: &Packet) -> Result<(), Failure> {
        let mut packet = packet.clone();
        packet.sequence = packet.sequence.wrapping_sub(self.ahead);
        hand(&mut self.driver, &packet).await
    }

    /// The next packet of the server; an empty one means nothing anywhere, and the driver falls over it.
    async fn answer(&mut self) -> Result<Packet, Failure> {
        let packet = read(&mut self.server, LARGEST_PACKET).await?;
        if packet.payload.is_empty() {
            return Err(Failure::Lie("it sends an empty packet".to_owned()));
        }
        Ok(packet)
    }

    /// Step by step until the server is content or not. Manual: "Connection Phase".
    async fn log_in(&mut self, answer: Packet, private: bool) -> Result<(), Failure> {
        self.give_server(answer).await?;
        for _ in 0..MOST_STEPS {
            let step = self.answer().await?;
            safe_step(&step, private)?;
            self.give_driver(&step).await?;
            match step.first() {
                Some(0x00 | 0xff) => return Ok(()),
                // caching_sha2_password: the server knew the password's hash, and is content next.
                Some(0x01) if step.payload.get(1) == Some(&0x03) => {}
                _ => {
                    let reply = read(&mut self.driver, LARGEST_STEP).await?;
                    self.give_server(reply).await?;
                }
            }
        }
        Err(Failure::Lie("the login does not come to an end".to_owned()))
    }

    /// One command and its answer; false once the driver is done. Manual: "Command Phase".
    async fn command(&mut self) -> Result<bool, Failure> {
        let Ok(command) = read(&mut self.driver, LARGEST_PACKET).await else {
            return Ok(false);
        };
        let kind = command.first();
        self.give_server(command).await?;
        match kind {
            // COM_QUIT
            Some(0x01) => return Ok(false),
            // COM_STMT_SEND_LONG_DATA, COM_STMT_CLOSE: no answer comes.
            Some(0x18 | 0x19) => return Ok(true),
            // COM_STMT_PREPARE
            Some(0x16) => self.prepared().await?,
            // COM_QUERY, COM_STMT_EXECUTE
            Some(0x03 | 0x17) => self.rows().await?,
            _ => self.only_one().await?,
        }
        self.driver.flush().await.map_err(|error| gone(&error))?;
        Ok(true)
    }

    async fn only_one(&mut self) -> Result<(), Failure> {
        let packet = self.answer().await?;
        one_result(&packet)?;
        write(&mut self.driver, &packet).await
    }

    async fn prepared(&mut self) -> Result<(), Failure> {
        let head = self.answer().await?;
        let count = |at: usize| {
            let bytes = head.payload.get(at..at + 2).unwrap_or_default();
            bytes
                .iter()
                .rev()
                .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte))
        };
        let (columns, parameters) = (count(5), count(7));
        write(&mut self.driver, &head).await?;
        if head.is_error() {
            return Ok(());
        }
        for definitions in [parameters, columns] {
            few(definitions)?;
            if definitions > 0 {
                // An end follows the definitions.
                for _ in 0..=definitions {
                    let packet = self.answer().await?;
                    write(&mut self.driver, &packet).await?;
                }
            }
        }
        Ok(())
    }

    async fn rows(&mut self) -> Result<(), Failure> {
        let head = self.answer().await?;
        match head.first() {
            Some(0x00) => one_result(&head)?,
            Some(0xff) => {}
            Some(0xfb) => {
                return Err(Failure::Unsafe(
                    "the database server asks for a local file, and gets none".to_owned(),
                ));
            }
            _ => {
                let columns = head.number(0).map(|(count, _)| count);
                let columns = columns.filter(|count| *count > 0);
                let columns = columns.ok_or_else(|| {
                    Failure::Lie("its answer has no number of columns".to_owned())
                })?;
                few(columns)?;
                write(&mut self.driver, &head).await?;
                for _ in 0..=columns {
                    let packet = self.answer().await?;
                    write(&mut self.driver, &packet).await?;
                }
                return self.until_end().await;
            }
        }
        write(&mut self.driver, &head).await
    }

    async fn until_end(&mut self) -> Result<(), Failure> {
        loop {
            let packet = self.answer().await?;
            if packet.is_end() {
                one_result(&packet)?;
            }
            write(&mut self.driver, &packet).await?;
            if packet.is_end() || packet.is_error() {
                return Ok(());
            }
        }
    }
}

/// Refuses a step of a login in which the password itself would be sent to somebody who may be anybody.
fn safe_step(step: &Packet, private: bool) -> Result<(), Failure> {
    // caching_sha2_password: "perform full authentication".
    let wants_password = step.payload.starts_with(&[0x01, 0x04]);
    if wants_password && !private {
        return Err(Failure::Unsafe(
            "the database server asks for the password itself (caching_sha2_password), and nothing proves that it is the right server: name its certificate's authority as [database] ssl_ca, or say [database] allow_unverified = true"
                .to_owned(),
        ));
    }
    if step.first() == Some(0xfe)
        && step
            .payload
            .get(1..)
            .is_some_and(|name| name.starts_with(b"mysql_clear_password"))
    {
        return Err(Failure::Unsafe(
            "the database server asks for the password in clear text (mysql_clear_password), and gets none".to_owned(),
        ));
    }
    // The driver computes with the challenge, whose length is fixed.
    let switches = step.payload.strip_prefix(b"\xfecaching_sha2_password\0");
    if switches.is_some_and(|challenge| challenge.len() < 20) {
        return Err(Failure::Lie("its challenge is too short".to_owned()));
    }
    Ok(())
}

fn few(count: u64) -> Result<(), Failure> {
    if count > MOST_COLUMNS {
        return Err(Failure::Lie(format!("it announces {count} columns")));
    }
    Ok(())
}

/// One statement has one result: a server that announces another one lies.
fn one_result(packet: &Packet) -> Result<(), Failure> {
    match status(packet) {
        Some(flags) if flags & MORE_RESULTS != 0 => Err(Failure::Lie(
            "it announces another result than the one that was asked for".to_owned(),
        )),
        _ => Ok(()),
    }
}

/// The status flags of an `OK_Packet` or `EOF_Packet`.
fn status(packet: &Packet) -> Option<u16> {
    let at = match packet.first()? {
        0x00 => {
            let (_, at) = packet.number(1)?;
            packet.number(at)?.1
        }
        0xfe => 3,
        _ => return None,
    };
    let bytes = packet.payload.get(at..at + 2)?;
    Some(
        bytes
            .iter()
            .rev()
            .fold(0, |sum, byte| (sum << 8) | u16::from(*byte)),
    )
}
