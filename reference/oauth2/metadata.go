package oauth2

import "gonogo/reference/kit"

// metadata: GET /.well-known/oauth-authorization-server (RFC 8414 3). The issuer
// is where the API listens, without a path.
func (o *oauth) metadata(*kit.Call) kit.Answer {
	list := kit.Raw
	said := kit.Object{
		{"issuer", kit.Text(o.API)},
		{"authorization_endpoint", kit.Text(o.Pages + authorizePath)},
		{"token_endpoint", kit.Text(o.API + tokenPath)},
		{"introspection_endpoint", kit.Text(o.API + introspectPath)},
		{"revocation_endpoint", kit.Text(o.API + revokePath)},
		{"scopes_supported", list(`["read","write"]`)},
		{"response_types_supported", list(`["code"]`)},
		{"response_modes_supported", list(`["query"]`)},
		{"grant_types_supported", list(`["authorization_code","client_credentials","refresh_token"]`)},
		{"token_endpoint_auth_methods_supported", list(`["client_secret_basic","client_secret_post","none"]`)},
		{"introspection_endpoint_auth_methods_supported", list(`["client_secret_basic","client_secret_post"]`)},
		{"revocation_endpoint_auth_methods_supported", list(`["client_secret_basic","client_secret_post","none"]`)},
		{"code_challenge_methods_supported", list(`["S256"]`)},
		{"authorization_response_iss_parameter_supported", kit.Truth(true)},
	}
	if o.keys != nil {
		said = append(said, kit.Member{Name: "jwks_uri", Value: kit.Text(o.API + keysPath)})
	}
	return kit.OK(said).As(described)
}
