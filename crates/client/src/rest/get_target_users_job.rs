use crate::{ApiError, Client, decode, transport::Request};
use guestlist_model::{CodeError, InviteCode, JobStatus, TargetUsersJob};
use std::{fmt, time::Duration};
use tokio::time::{Instant, sleep};

/// Gets the progress of processing the target users of an invite.
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let job = client.get_target_users_job("hB6mWNqr").wait().await?;
/// println!("{:?}", job.status);
/// # Ok(())
/// # }
/// ```
///
/// See [Discord Docs/Get Target Users Job Status](https://discord.com/developers/docs/resources/invite#get-target-users-job-status).
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct GetTargetUsersJob {
    client: Client,
    code: Result<InviteCode, CodeError>,
}

/// Polls until Discord has processed the target users.
#[must_use = "requests are sent when it is awaited"]
pub struct WaitForTargetUsersJob {
    job: GetTargetUsersJob,
    every: Duration,
    at_most: Duration,
    progress: Option<Progress>,
}

type Progress = Box<dyn FnMut(&TargetUsersJob) + Send>;

impl Client {
    /// Gets the progress of processing the target users of an invite.
    pub fn get_target_users_job(&self, code: impl AsRef<str>) -> GetTargetUsersJob {
        GetTargetUsersJob {
            client: self.clone(),
            code: InviteCode::new(code.as_ref()),
        }
    }
}

impl GetTargetUsersJob {
    /// Waits until the job has completed or failed, for at most ten minutes.
    ///
    /// A failed job is not an error; its `error_message` says why it failed.
    pub fn wait(self) -> WaitForTargetUsersJob {
        WaitForTargetUsersJob {
            job: self,
            every: Duration::from_secs(2),
            at_most: Duration::from_secs(600),
            progress: None,
        }
    }

    async fn send(self) -> Result<TargetUsersJob, ApiError> {
        self.ask().await
    }

    async fn ask(&self) -> Result<TargetUsersJob, ApiError> {
        let path = format!(
            "{}/target-users/job-status",
            super::invite_path(&self.code)?
        );
        decode::model(
            &self.client.send(&Request::get(path)).await?,
            TargetUsersJob::from_slice,
        )
    }
}

impl WaitForTargetUsersJob {
    /// Sets the time between two requests; defaults to 2 seconds.
    pub const fn every(mut self, every: Duration) -> Self {
        self.every = every;
        self
    }

    /// Sets the time after which to fail with [`ApiError::Timeout`].
    pub const fn at_most(mut self, at_most: Duration) -> Self {
        self.at_most = at_most;
        self
    }

    /// Sets a callback for every response, including the last one.
    pub fn progress(mut self, progress: impl FnMut(&TargetUsersJob) + Send + 'static) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }

    async fn send(mut self) -> Result<TargetUsersJob, ApiError> {
        let started = Instant::now();
        loop {
            let job = self.job.ask().await?;
            if let Some(progress) = &mut self.progress {
                progress(&job);
            }
            if matches!(job.status, JobStatus::Completed | JobStatus::Failed) {
                return Ok(job);
            }
            if started.elapsed() + self.every > self.at_most {
                return Err(ApiError::Timeout);
            }
            sleep(self.every).await;
        }
    }
}

impl fmt::Debug for WaitForTargetUsersJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForTargetUsersJob")
            .field("job", &self.job)
            .field("every", &self.every)
            .field("at_most", &self.at_most)
            .finish_non_exhaustive()
    }
}

into_future!(GetTargetUsersJob => TargetUsersJob);
into_future!(WaitForTargetUsersJob => TargetUsersJob);
