//! `GET /invites/{code}/target-users/job-status`.

use serde_json::{Value, json};

use super::{Answer, ApiError, Call, Reply, get_target_users::target_users};
use crate::world::{
    permissions::{MANAGE_GUILD, VIEW_AUDIT_LOG},
    time,
};

pub(super) fn get_target_users_job(call: &mut Call<'_>) -> Answer {
    let now = call.world.now();
    let found = target_users(call, MANAGE_GUILD | VIEW_AUDIT_LOG)?;
    let job = found.ok_or_else(ApiError::unknown_job)?;
    let total = job.users.len();
    let done = job.done_at <= now;
    let whole = (job.done_at - job.created_at).max(1);
    let part = usize::try_from((now - job.created_at).clamp(0, whole)).unwrap_or(0);
    let so_far = total * part / usize::try_from(whole).unwrap_or(1).max(1);
    let failure = job.failure.as_deref().filter(|_| done);
    let (status, processed) = match (done, failure) {
        (false, _) => (1, so_far),
        (true, None) => (2, total),
        (true, Some(_)) => (3, total * 2 / 5),
    };
    let completed = if status == 2 {
        json!(time::format(job.done_at))
    } else {
        Value::Null
    };
    Ok(Reply::ok(json!({
        "status": status,
        "total_users": total,
        "processed_users": processed,
        "created_at": time::format(job.created_at),
        "completed_at": completed,
        "error_message": failure,
    })))
}
