//! Holds requests and answers against Discord's OpenAPI document, where there is one: the file that
//! `DISCORD_OPENAPI` names, or `shared/discord/openapi.json` next to the checkout.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock},
};

use jsonschema::Validator;
use serde_json::{Value, json};

/// The document, and what was compiled from it so far.
pub(crate) struct Spec {
    document: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// Where the sandbox deviates on purpose, or the document is wrong, and why.
const KEPT: [(&str, &str, u16, &str); 1] = [(
    "POST",
    "/channels/{channel_id}/invites",
    400,
    "errors in a file of target users come as `target_users_file`, as the documentation shows",
)];

/// The document, or nothing where there is none.
pub(crate) fn spec() -> Option<&'static Spec> {
    static SPEC: OnceLock<Option<Spec>> = OnceLock::new();
    SPEC.get_or_init(|| {
        let beside = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../../shared/discord/openapi.json"
        );
        let given = std::env::var_os("DISCORD_OPENAPI").map(PathBuf::from);
        let path = given.clone().unwrap_or_else(|| PathBuf::from(beside));
        if given.is_none() && !path.exists() {
            println!("not held against Discord's specification: there is none at {beside}");
            return None;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let mut document: Value = serde_json::from_str(&text).unwrap();
        // By the document, the codes in the errors of a form are numbers. The documentation shows
        // texts, such as BASE_TYPE_REQUIRED, and so does Discord.
        let inner = "/components/schemas/InnerErrors/properties/_errors/items";
        if let Some(error) = document.pointer_mut(inner) {
            *error = json!({
                "type": "object",
                "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
                "required": ["code", "message"],
            });
        }
        Some(Spec {
            document,
            validators: Mutex::default(),
        })
    })
    .as_ref()
}

/// Holds a call against the document; `path` is what comes after the version.
pub(crate) fn hold(method: &str, path: &str, sent: &[u8], status: u16, answer: &[u8]) {
    let Some(spec) = spec() else {
        return;
    };
    let problems = spec.problems(method, path, sent, status, answer);
    assert!(
        problems.is_empty(),
        "{method} {path} ({status}) is not as Discord's specification has it: {problems:#?}\n{}",
        String::from_utf8_lossy(answer)
    );
}

impl Spec {
    /// What is wrong with a call.
    pub(crate) fn problems(
        &self,
        method: &str,
        path: &str,
        sent: &[u8],
        status: u16,
        answer: &[u8],
    ) -> Vec<String> {
        let path = path.split('?').next().unwrap_or(path);
        let Some(template) = self.template(path) else {
            return Vec::new();
        };
        let key = (method, template.as_str(), status);
        if KEPT.iter().any(|it| (it.0, it.1, it.2) == key) {
            return Vec::new();
        }
        let place = format!(
            "/paths/{}/{}",
            template.replace('~', "~0").replace('/', "~1"),
            method.to_lowercase()
        );
        if !self.has(method, path) {
            return Vec::new();
        }
        let mut problems = Vec::new();
        let is_json = "content/application~1json/schema";
        if (200..300).contains(&status)
            && let Ok(sent) = serde_json::from_slice::<Value>(sent)
        {
            let schema = format!("{place}/requestBody/{is_json}");
            problems.extend(self.check(&schema, &sent, "the request"));
        }
        let responses = self
            .document
            .pointer(&format!("{place}/responses"))
            .unwrap();
        let family = format!("{}XX", status / 100);
        let known = [status.to_string(), family]
            .into_iter()
            .find(|known| responses.get(known).is_some());
        let Some(known) = known else {
            if status < 500 {
                problems.push(format!("no answer with {status} is foreseen"));
            }
            return problems;
        };
        let schema = format!("{place}/responses/{known}/{is_json}");
        match serde_json::from_slice::<Value>(answer) {
            Ok(answer) => problems.extend(self.check(&schema, &answer, "the answer")),
            Err(_) if self.document.pointer(&self.resolved(&schema)).is_some() => {
                problems.push(String::from("the answer is not JSON"));
            }
            Err(_) => {}
        }
        problems
    }

    /// The path of the document that this one is like.
    pub(crate) fn template(&self, path: &str) -> Option<String> {
        let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
        let fits = |template: &&String| {
            let wanted: Vec<&str> = template.split('/').collect();
            wanted.len() == parts.len()
                && wanted
                    .iter()
                    .zip(&parts)
                    .all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
        };
        self.document["paths"]
            .as_object()?
            .keys()
            .filter(fits)
            .min_by_key(|template| template.matches('{').count())
            .cloned()
    }

    /// Follows the reference that a response may be.
    fn resolved(&self, pointer: &str) -> String {
        let Some((response, rest)) = pointer.split_once("/content/") else {
            return String::from(pointer);
        };
        let target = self.document.pointer(response);
        match target.and_then(|it| it["$ref"].as_str()) {
            Some(reference) => format!("{}/content/{rest}", reference.trim_start_matches('#')),
            None => String::from(pointer),
        }
    }

    fn check(&self, pointer: &str, value: &Value, what: &str) -> Vec<String> {
        let pointer = self.resolved(pointer);
        if self.document.pointer(&pointer).is_none() {
            return Vec::new();
        }
        let mut validators = self.validators.lock().unwrap();
        let validator = validators.entry(pointer.clone()).or_insert_with(|| {
            let schema = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "components": self.document["components"],
                "allOf": [self.document.pointer(&pointer)],
            });
            let options = jsonschema::options().should_validate_formats(true);
            Arc::new(options.build(&schema).unwrap())
        });
        let validator = Arc::clone(validator);
        drop(validators);
        validator
            .iter_errors(value)
            .map(|error| format!("{what} at {}: {error}", error.instance_path()))
            .map(|problem| problem.chars().take(400).collect())
            .collect()
    }

    /// Whether the document has such an operation.
    pub(crate) fn has(&self, method: &str, path: &str) -> bool {
        let template = self.template(path);
        let item = template.and_then(|template| self.document["paths"].get(template));
        item.is_some_and(|item| item.get(method.to_lowercase()).is_some())
    }
}
