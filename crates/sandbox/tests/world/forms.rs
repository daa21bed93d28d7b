//! In which forms a body may come.

use guestlist_sandbox::{
    api::{self, Reply, Request},
    world::World,
};
use serde_json::{Value, json};

use crate::world;

fn channel(world: &World, guild: u64) -> u64 {
    world.guild(guild).unwrap().first_text_channel().unwrap().id
}

/// Creates an invite with a body of this type.
fn create(world: &mut World, guild: u64, content_type: Option<&str>, body: &str) -> Reply {
    let path = format!("/channels/{}/invites", channel(world, guild));
    let mut request = Request::new("POST", &path);
    request.content_type = content_type.map(String::from);
    request.body = body.as_bytes().to_vec();
    api::call(world, &request)
}

fn multipart(fields: &[(&str, &str)]) -> String {
    let mut body = String::new();
    for (name, value) in fields {
        body.push_str(&format!(
            "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    body + "--b--\r\n"
}

const MULTIPART: &str = "multipart/form-data; boundary=b";

#[test]
fn a_form_has_its_fields_beside_the_file() {
    let (mut world, guild) = world();
    let role = |world: &mut World| world.create_role(guild, "r", 0).unwrap().0.to_string();
    let (first, second) = (role(&mut world), role(&mut world));
    let friend = world.bot_owner().id;
    let file = format!("user_id\n{friend}\n");
    let body = multipart(&[
        ("max_uses", "4"),
        ("max_age", "60"),
        ("temporary", "true"),
        ("unique", "false"),
        ("role_ids", &first),
        ("role_ids", &second),
        ("target_users_file", &file),
    ]);
    let made = create(&mut world, guild, Some(MULTIPART), &body);
    assert_eq!(made.status, 200, "{made:?}");
    let invite = made.json();
    assert_eq!(
        (
            &invite["max_uses"],
            &invite["max_age"],
            &invite["temporary"]
        ),
        (&json!(4), &json!(60), &json!(true))
    );
    let roles: Vec<&Value> = invite["roles"].as_array().unwrap().iter().collect();
    assert_eq!(
        (&roles[0]["id"], &roles[1]["id"]),
        (&json!(first), &json!(second))
    );
    let (_, made) = world.invite(invite["code"].as_str().unwrap()).unwrap();
    assert_eq!(made.target_users.as_ref().unwrap().users, [friend]);

    let body = multipart(&[("max_uses", "many"), ("temporary", "perhaps")]);
    let refused = create(&mut world, guild, Some(MULTIPART), &body);
    let errors = &refused.json()["errors"];
    assert_eq!(refused.status, 400);
    assert!(
        errors["max_uses"].is_object() && errors["temporary"].is_object(),
        "{errors}"
    );

    let json = r#"{"max_uses": 7}"#;
    let body = multipart(&[("payload_json", json), ("max_uses", "4")]);
    let made = create(&mut world, guild, Some(MULTIPART), &body);
    assert_eq!(made.json()["max_uses"], 7);
}

#[test]
fn a_form_may_be_url_encoded() {
    let (mut world, guild) = world();
    let (first, _) = world.create_role(guild, "r", 0).unwrap();
    let (second, _) = world.create_role(guild, "r", 0).unwrap();
    let body = format!("max_uses=4&temporary=true&role_ids={first}&role_ids={second}");
    let form = Some("application/x-www-form-urlencoded");
    let made = create(&mut world, guild, form, &body);
    let invite = made.json();
    assert_eq!(
        (&invite["max_uses"], &invite["temporary"]),
        (&json!(4), &json!(true))
    );
    assert_eq!(invite["roles"].as_array().unwrap().len(), 2);
}

#[test]
fn a_body_says_of_which_type_it_is() {
    let (mut world, guild) = world();
    for json in ["application/json", "Application/JSON; charset=utf-8"] {
        assert_eq!(create(&mut world, guild, Some(json), "{}").status, 200);
    }
    for wrong in [
        None,
        Some(""),
        Some("text/plain"),
        Some("application/jsonp"),
    ] {
        let refused = create(&mut world, guild, wrong, "{}");
        let body = refused.json();
        assert_eq!((refused.status, &body["code"]), (400, &json!(50_035)));
        assert_eq!(
            body["errors"]["_errors"][0]["code"], "CONTENT_TYPE_INVALID",
            "{body}"
        );
    }
    let code = create(&mut world, guild, Some("application/json"), "{}");
    let code = code.json()["code"].as_str().unwrap().to_owned();
    world.set_target_users(&code, vec![], None).unwrap();
    for (method, path, right) in [
        (
            "PUT",
            format!("/guilds/{guild}/incident-actions"),
            "application/json",
        ),
        (
            "POST",
            format!("/guilds/{guild}/members-search"),
            "application/json",
        ),
        ("PUT", format!("/invites/{code}/target-users"), MULTIPART),
    ] {
        let mut request = Request::new(method, &path);
        request.body = if right == MULTIPART {
            multipart(&[("target_users_file", "user_id")]).into_bytes()
        } else {
            b"{}".to_vec()
        };
        request.content_type = Some(String::from("text/plain"));
        let refused = api::call(&mut world, &request);
        assert_eq!(
            (refused.status, &refused.json()["code"]),
            (400, &json!(50_035)),
            "{path}"
        );
        request.content_type = Some(String::from(right));
        assert!(api::call(&mut world, &request).status < 300, "{path}");
    }
}
