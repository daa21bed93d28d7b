//! Discord's error bodies.
//!
//! See Discord Docs/Opcodes and Status Codes#json.

use serde_json::{Map, Value, json};

/// An error as Discord words it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Value,
}

impl ApiError {
    /// Creates an error with a code and a message.
    #[must_use]
    pub fn new(status: u16, code: u64, message: &str) -> Self {
        Self {
            status,
            body: json!({"message": message, "code": code}),
        }
    }

    /// Anything not found on the level of HTTP.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(404, 0, "404: Not Found")
    }

    /// A path that exists, but not with this method.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::new(405, 0, "405: Method Not Allowed")
    }

    /// A wrong or missing token.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(401, 0, "401: Unauthorized")
    }

    pub(crate) fn unknown_channel() -> Self {
        Self::new(404, 10_003, "Unknown Channel")
    }

    pub(crate) fn unknown_guild() -> Self {
        Self::new(404, 10_004, "Unknown Guild")
    }

    pub(crate) fn unknown_invite() -> Self {
        Self::new(404, 10_006, "Unknown Invite")
    }

    pub(crate) fn unknown_member() -> Self {
        Self::new(404, 10_007, "Unknown Member")
    }

    pub(crate) fn unknown_message() -> Self {
        Self::new(404, 10_008, "Unknown Message")
    }

    pub(crate) fn unknown_user() -> Self {
        Self::new(404, 10_013, "Unknown User")
    }

    pub(crate) fn unknown_webhook() -> Self {
        Self::new(404, 10_015, "Unknown Webhook")
    }

    pub(crate) fn unknown_ban() -> Self {
        Self::new(404, 10_026, "Unknown Ban")
    }

    pub(crate) fn unknown_interaction() -> Self {
        Self::new(404, 10_062, "Unknown interaction")
    }

    pub(crate) fn unknown_command() -> Self {
        Self::new(404, 10_063, "Unknown application command")
    }

    pub(crate) fn unknown_event() -> Self {
        Self::new(404, 10_070, "Unknown Guild Scheduled Event")
    }

    pub(crate) fn command_limit() -> Self {
        let message = "Maximum number of application commands reached (100)";
        Self::new(400, 30_032, message)
    }

    pub(crate) fn already_answered() -> Self {
        Self::new(400, 40_060, "Interaction has already been acknowledged.")
    }

    pub(crate) fn empty_message() -> Self {
        Self::new(400, 50_006, "Cannot send an empty message")
    }

    pub(crate) fn cannot_message() -> Self {
        Self::new(403, 50_007, "Cannot send messages to this user")
    }

    pub(crate) fn not_for_bots() -> Self {
        Self::new(403, 20_001, "Bots cannot use this endpoint")
    }

    pub(crate) fn banned() -> Self {
        Self::new(403, 40_007, "The user is banned from this guild.")
    }

    /// The number of this error is not documented.
    pub(crate) fn invites_paused() -> Self {
        let message = "Invites are currently paused for this server. Please try again later.";
        Self::new(403, 0, message)
    }

    pub(crate) fn unknown_role() -> Self {
        Self::new(404, 10_011, "Unknown Role")
    }

    pub(crate) fn unknown_job() -> Self {
        Self::new(404, 10_124, "Unknown Invite Target Users Job")
    }

    pub(crate) fn no_target_users() -> Self {
        Self::new(404, 10_129, "Unknown Invite Target Users")
    }

    pub(crate) fn invite_limit() -> Self {
        Self::new(400, 30_016, "Maximum number of invites reached (1000)")
    }

    pub(crate) fn missing_access() -> Self {
        Self::new(403, 50_001, "Missing Access")
    }

    pub(crate) fn missing_permissions() -> Self {
        Self::new(403, 50_013, "Missing Permissions")
    }

    pub(crate) fn wrong_channel_type() -> Self {
        Self::new(400, 50_024, "Cannot execute action on this channel type")
    }

    pub(crate) fn no_vanity() -> Self {
        Self::new(403, 50_020, "Invite code is either invalid or taken")
    }

    pub(crate) fn invalid_version() -> Self {
        Self::new(400, 50_041, "Invalid API version provided")
    }

    pub(crate) fn invalid_json() -> Self {
        Self::new(400, 50_109, "The request body contains invalid JSON.")
    }

    /// What is wrong with a body as a whole stands beside its fields.
    pub(crate) fn whole_body(code: &str, message: &str) -> Self {
        let errors = json!({"_errors": [{"code": code, "message": message}]});
        Self {
            status: 400,
            body: json!({"message": "Invalid Form Body", "code": 50_035, "errors": errors}),
        }
    }

    /// What is wrong with one field.
    pub(crate) fn in_form(add: impl FnOnce(&mut FormErrors)) -> Self {
        let mut errors = FormErrors::default();
        add(&mut errors);
        errors.into_error()
    }

    pub(crate) fn content_type(taken: &[&str]) -> Self {
        let taken: Vec<String> = taken.iter().map(|it| format!("'{it}'")).collect();
        let taken = taken.join(", ");
        let message = format!("Expected \"Content-Type\" header to be one of {{{taken}}}.");
        Self::whole_body("CONTENT_TYPE_INVALID", &message)
    }

    /// The one error that is not in the usual shape.
    pub(crate) fn csv(lines: &[String]) -> Self {
        Self {
            status: 400,
            body: json!({"target_users_file": lines}),
        }
    }
}

/// Field errors of a form: code 50035, nested by field.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct FormErrors {
    errors: Map<String, Value>,
}

impl FormErrors {
    /// Whether there are no errors.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// Adds an error of a field; dots lead into its parts.
    pub fn add(&mut self, path: &str, code: &str, message: &str) {
        let mut place = &mut self.errors;
        for part in path.split('.') {
            let entry = place.entry(part).or_insert_with(|| json!({}));
            let Value::Object(inner) = entry else {
                return;
            };
            place = inner;
        }
        let list = place.entry("_errors").or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.push(json!({"code": code, "message": message}));
        }
    }

    pub(crate) fn add_missing(&mut self, path: &str) {
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required");
    }

    /// A text or a list is too short or too long.
    pub(crate) fn add_length(&mut self, path: &str, least: usize, most: usize) {
        let message = format!("Must be between {least} and {most} in length.");
        self.add(path, "BASE_TYPE_BAD_LENGTH", &message);
    }

    pub(crate) fn add_too_long(&mut self, path: &str, most: usize) {
        let message = format!("Must be {most} or fewer in length.");
        self.add(path, "BASE_TYPE_MAX_LENGTH", &message);
    }

    pub(crate) fn add_too_small(&mut self, path: &str, least: u64) {
        let message = format!("int value should be greater than or equal to {least}.");
        self.add(path, "NUMBER_TYPE_MIN", &message);
    }

    pub(crate) fn add_too_large(&mut self, path: &str, most: u64) {
        let message = format!("int value should be less than or equal to {most}.");
        self.add(path, "NUMBER_TYPE_MAX", &message);
    }

    pub(crate) fn add_type(&mut self, path: &str, value: &Value, wanted: &str) {
        let shown = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let message = format!("Value \"{shown}\" is not {wanted}.");
        let code = match wanted {
            "bool" => "BOOLEAN_TYPE_CONVERT",
            "list" => "LIST_TYPE_CONVERT",
            "dict" => "DICT_TYPE_CONVERT",
            _ => "NUMBER_TYPE_COERCE",
        };
        self.add(path, code, &message);
    }

    /// The error of the whole request.
    #[must_use]
    pub fn into_error(self) -> ApiError {
        ApiError {
            status: 400,
            body: json!({"message": "Invalid Form Body", "code": 50_035, "errors": self.errors}),
        }
    }
}
