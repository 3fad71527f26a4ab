package fifth

import "fmt"

// DocumentPath is where the document stands, from the root of the module.
const DocumentPath = "testdata/fifth/pantry.yaml"

// TargetYAML is a target file for a running server; document is the path of pantry.yaml as the harness will
// find it.
func TargetYAML(s *Server, document string) string {
	client := func(role string, c Client) string {
		return fmt.Sprintf("  %s: {client_id: %q, client_secret: %q, redirect_uri: %q}\n", role, c.ID, c.Secret, c.ReturnTo)
	}
	return fmt.Sprintf("version: 1\ndialect: %q\nbase_url: %q\ncredentials:\n", document, s.URL()) +
		client("primary", Primary) + client("second", Second) +
		fmt.Sprintf("  user: {username: %q, password: %q, acts_as: %d}\n", Keeper.Name, Keeper.Password, Keeper.Number) +
		fmt.Sprintf("consent: {mode: form, username_field: who, password_field: secret_word, approve_label: %q, deny_label: %q}\n", OpenLabel, ShutLabel) +
		fmt.Sprintf("clock:\n  advance: {method: PUT, url: %q, body: 'forward ${duration_seconds}'}\n", s.ControlURL()+"/clock") +
		fmt.Sprintf("operator:\n  rotate_secret: {method: POST, url: %q, body: '{\"client\":\"${client_id}\"}', result: '$response.body#/fresh/secret'}\n", s.ControlURL()+"/lock") +
		"settings: {acting_user: '$response.body#/keeper/number'}\n" +
		"limits: {requests: 5000}\n" // the whole plan may take more than the default
}
