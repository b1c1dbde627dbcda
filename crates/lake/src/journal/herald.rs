use std::sync::OnceLock;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::queue::Reply;
use super::{AppendReceipt, JournalError};

/// Who waits, and what they are told.
pub(super) type Answers = Vec<(Reply, Result<AppendReceipt, JournalError>)>;

/// Tells callers what became of their appends: in a task of theirs, where there is one.
#[derive(Debug, Default)]
pub(super) struct Herald(OnceLock<UnboundedSender<Answers>>);

impl Herald {
    /// Starts the task in the present runtime, once.
    pub fn start(&self) {
        self.0.get_or_init(|| {
            let (sender, mut groups) = unbounded_channel();
            tokio::spawn(async move {
                while let Some(answers) = groups.recv().await {
                    tell(answers);
                }
            });
            sender
        });
    }

    pub fn tell(&self, answers: Answers) {
        match self.0.get() {
            // The runtime may have gone away meanwhile.
            Some(sender) => sender.send(answers).unwrap_or_else(|unsent| tell(unsent.0)),
            None => tell(answers),
        }
    }
}

fn tell(answers: Answers) {
    for (reply, answer) in answers {
        // A caller that went away does not want to know.
        let _ = reply.send(answer);
    }
}
