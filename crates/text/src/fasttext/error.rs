//! Why a file is no model that can be used.

use std::io;

/// Why a file is no fastText classifier that can be used.
#[derive(Debug, thiserror::Error)]
pub enum FastTextError {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It does not begin as a fastText file does.
    #[error("is no fastText model: {looks_like}")]
    Foreign {
        /// What it looks like instead.
        looks_like: &'static str,
    },
    /// It is of a version that is not known here.
    #[error("is a fastText model of version {version}; known are 11 and 12")]
    Version {
        /// The version it names.
        version: i32,
    },
    /// It holds word vectors.
    #[error("holds word vectors ({kind}) and no labels: it is no classifier")]
    Unsupervised {
        /// How they were learnt.
        kind: &'static str,
    },
    /// It ends too early.
    #[error("is cut: after {bytes} bytes it ends within its {part}")]
    Cut {
        /// Its length.
        bytes: u64,
        /// What is missing at least in part.
        part: &'static str,
    },
    /// It goes on after its end.
    #[error("is no whole model: {bytes} more bytes follow where it should end")]
    Overlong {
        /// How many bytes follow.
        bytes: u64,
    },
    /// Numbers in it contradict each other.
    #[error("is damaged: {cause}")]
    Damaged {
        /// What cannot be.
        cause: String,
    },
}

impl FastTextError {
    /// What to do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Foreign { .. } => Some("a model file is what fastText saves as .bin, or as .ftz when quantised"),
            Self::Unsupervised { .. } => Some("train with `fasttext supervised`"),
            Self::Cut { .. } | Self::Overlong { .. } | Self::Damaged { .. } => {
                Some("fetch it again, and compare its size and SHA-256 with its source's")
            }
            Self::Version { .. } | Self::Unreadable(_) => None,
        }
    }

    pub(super) fn damaged(cause: impl Into<String>) -> Self {
        Self::Damaged { cause: cause.into() }
    }
}
