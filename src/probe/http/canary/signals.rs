//! Signals that would end the program are held back while the markers are there, and obeyed afterwards.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

/// How often a waiting request looks for a signal.
const LOOK: Duration = Duration::from_millis(50);

/// Signals that would end the program while the markers are there.
pub(super) struct Signals {
    caught: Arc<AtomicUsize>,
    watching: Vec<signal_hook::SigId>,
}

impl Signals {
    pub(super) fn watch() -> Self {
        let caught = Arc::new(AtomicUsize::new(0));
        let watching = [SIGINT, SIGTERM, SIGHUP].into_iter().filter_map(|signal| {
            let value = usize::try_from(signal).ok()?;
            signal_hook::flag::register_usize(signal, Arc::clone(&caught), value).ok()
        });
        Self {
            watching: watching.collect(),
            caught,
        }
    }

    pub(super) async fn came(&self) {
        while self.caught.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Lets a signal that came meanwhile do what it was sent for.
    pub(super) fn obey(self) {
        for id in self.watching {
            signal_hook::low_level::unregister(id);
        }
        if let Ok(signal @ 1..) = i32::try_from(self.caught.load(Ordering::SeqCst)) {
            // Where that fails, the audit goes on.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    }
}

/// What the work comes to; none where the other came first.
pub(super) async fn unless<T>(
    other: impl Future<Output = ()>,
    work: impl Future<Output = T>,
) -> Option<T> {
    let (mut other, mut work) = (pin!(other), pin!(work));
    poll_fn(|context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        other.as_mut().poll(context).map(|()| None)
    })
    .await
}
