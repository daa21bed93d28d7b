//! The users that an invite is restricted to.

use serde::{Deserialize, Serialize};

use crate::json::Reader;
use crate::{DecodeError, Timestamp};

/// The progress of Discord's job that sets the target users of an invite.
///
/// See [Discord Docs/Get Target Users Job Status](https://discord.com/developers/docs/resources/invite#get-target-users-job-status).
///
/// ```
/// use guestlist_model::{JobStatus, TargetUsersJob};
///
/// let job = TargetUsersJob::from_slice(
///     br#"{"status": 1, "total_users": 100, "processed_users": 41}"#,
/// )?;
/// assert_eq!((job.status, job.processed_users), (JobStatus::Processing, Some(41)));
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TargetUsersJob {
    /// The state.
    pub status: JobStatus,
    /// The number of users.
    pub total_users: Option<u64>,
    /// The number of users processed so far.
    pub processed_users: Option<u64>,
    /// When the job was created.
    pub created_at: Option<Timestamp>,
    /// When the job was completed.
    pub completed_at: Option<Timestamp>,
    /// Why the job failed.
    pub error_message: Option<String>,
}

/// The state of a job.
///
/// ```
/// use guestlist_model::JobStatus;
///
/// assert_eq!(JobStatus::from(2), JobStatus::Completed);
/// assert_eq!(JobStatus::Failed.number(), 3);
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(from = "i64", into = "i64")]
#[non_exhaustive]
pub enum JobStatus {
    /// Not specified (0).
    #[default]
    Unspecified,
    /// In progress (1).
    Processing,
    /// Completed (2).
    Completed,
    /// Failed (3).
    Failed,
    /// A state that this version has no name for.
    Unknown(crate::Unnamed),
}

impl JobStatus {
    /// Discord's number for it.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Unspecified => 0,
            Self::Processing => 1,
            Self::Completed => 2,
            Self::Failed => 3,
            Self::Unknown(number) => number.get(),
        }
    }
}

impl From<JobStatus> for i64 {
    fn from(status: JobStatus) -> Self {
        status.number()
    }
}

impl From<i64> for JobStatus {
    fn from(number: i64) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Processing,
            2 => Self::Completed,
            3 => Self::Failed,
            other => Self::Unknown(crate::Unnamed::new(other)),
        }
    }
}

impl TargetUsersJob {
    /// Decodes a response body.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the body is not JSON or a key has the wrong type.
    pub fn from_slice(json: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::from_slice(json)?;
        let mut job = Self::default();
        reader.object(|reader, key, _| {
            match key {
                "status" => {
                    job.status = reader
                        .nullable(Reader::integer)?
                        .flatten()
                        .unwrap_or(0)
                        .into();
                }
                "total_users" => job.total_users = reader.nullable(Reader::count)?.flatten(),
                "processed_users" => {
                    job.processed_users = reader.nullable(Reader::count)?.flatten();
                }
                "created_at" => job.created_at = reader.nullable(Reader::timestamp)?,
                "completed_at" => job.completed_at = reader.nullable(Reader::timestamp)?,
                "error_message" => job.error_message = reader.nullable(Reader::owned)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        reader.end()?;
        Ok(job)
    }
}

impl std::fmt::Display for JobStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unspecified => f.pad("unspecified"),
            Self::Processing => f.pad("processing"),
            Self::Completed => f.pad("completed"),
            Self::Failed => f.pad("failed"),
            Self::Unknown(number) => write!(f, "status {}", number.get()),
        }
    }
}
