package target

import (
	"encoding/json"
	"strings"

	"github.com/goccy/go-yaml"
)

// File is a target file, key for key; docs/target-file.md says what each means, target.schema.json how it may be
// written. Every single value is its text. In a file that was read the variables are filled in, but for the fields
// where a run fills placeholders: the URL and body of a call, and the bodies of Settings. In one that a program
// makes, only those fields take ${…}.
type File struct {
	Version     any                          `json:"version,omitempty"` // 1, or its text
	Dialect     string                       `json:"dialect,omitempty"`
	Profile     string                       `json:"profile,omitempty"`
	BaseURL     string                       `json:"base_url,omitempty"`
	Servers     map[string]string            `json:"servers,omitempty"`
	Endpoints   map[string]string            `json:"endpoints,omitempty"`
	Headers     map[string]string            `json:"headers,omitempty"`
	TLS         FileTLS                      `json:"tls,omitzero"`
	Proxy       string                       `json:"proxy,omitempty"`
	Traceparent string                       `json:"traceparent,omitempty"` // true or false
	Credentials map[string]map[string]string `json:"credentials,omitempty"`
	Outsider    FileOutsider                 `json:"outsider,omitzero"`
	Consent     FileConsent                  `json:"consent,omitzero"`
	Settings    FileSettings                 `json:"settings,omitzero"`
	Clock       FileClock                    `json:"clock,omitzero"`
	Operator    FileOperator                 `json:"operator,omitzero"`
	Expect      map[string]string            `json:"expect,omitempty"`
	Absent      []Need                       `json:"absent,omitempty"`
	Limits      FileLimits                   `json:"limits,omitzero"`
	Waivers     string                       `json:"waivers,omitempty"`
}

// The parts of a File.
type (
	FileTLS struct {
		CAFile   string `json:"ca_file,omitempty"`
		CertFile string `json:"cert_file,omitempty"`
		KeyFile  string `json:"key_file,omitempty"`
		Insecure string `json:"insecure,omitempty"`
	}
	FileOutsider struct {
		LocalAddress string `json:"local_address,omitempty"`
		Proxy        string `json:"proxy,omitempty"`
		Pretends     string `json:"pretends,omitempty"`
	}
	FileConsent struct {
		Mode          any      `json:"mode,omitempty"` // a word, or {command: [prog]}
		Command       []string `json:"command,omitempty"`
		Hosts         []string `json:"hosts,omitempty"`
		UsernameField string   `json:"username_field,omitempty"`
		PasswordField string   `json:"password_field,omitempty"`
		SignInLabel   string   `json:"sign_in_label,omitempty"`
		ApproveLabel  string   `json:"approve_label,omitempty"`
		DenyLabel     string   `json:"deny_label,omitempty"`
	}
	FileClock struct {
		Advance *FileCall `json:"advance,omitempty"`
	}
	FileOperator struct {
		RotateSecret  *FileCall `json:"rotate_secret,omitempty"`
		RestoreSecret *FileCall `json:"restore_secret,omitempty"`
	}
	FileCall struct {
		Method  string            `json:"method,omitempty"`
		URL     string            `json:"url,omitempty"`
		Headers map[string]string `json:"headers,omitempty"`
		Body    string            `json:"body,omitempty"`
		Result  Expression        `json:"result,omitempty"`
	}
	FileSettings struct {
		Issuer        string     `json:"issuer,omitempty"`
		ActingUser    Expression `json:"acting_user,omitempty"`
		RevokePath    string     `json:"revoke_path,omitempty"`
		RevokeBody    any        `json:"revoke_body,omitempty"`
		RefreshScheme string     `json:"refresh_scheme,omitempty"`
		Body          string     `json:"body,omitempty"`
		PKCE          string     `json:"pkce,omitempty"`
		AccessToken   string     `json:"access_token,omitempty"`
		Use           []FileUse  `json:"use,omitempty"`

		Parameters map[string]map[string]string `json:"parameters,omitempty"`
	}
	FileUse struct {
		Method string `json:"method,omitempty"`
		Path   string `json:"path,omitempty"`
		Body   any    `json:"body,omitempty"`
	}
	FileLimits struct {
		MaxWait      string `json:"max_wait,omitempty"`
		Timeout      string `json:"timeout,omitempty"`
		Settle       string `json:"settle,omitempty"`
		Parallel     string `json:"parallel,omitempty"`
		MaxRPS       string `json:"max_rps,omitempty"`
		Burst        string `json:"burst,omitempty"`
		Requests     string `json:"requests,omitempty"`
		FailedLogins string `json:"failed_logins,omitempty"`
	}
)

// UnmarshalJSON takes "POST /path" too.
func (u *FileUse) UnmarshalJSON(data []byte) error {
	var line string
	if json.Unmarshal(data, &line) == nil {
		if words := strings.Fields(line); len(words) == 2 {
			u.Method, u.Path = words[0], words[1]
		}
		return nil
	}
	type mapping FileUse
	return json.Unmarshal(data, (*mapping)(u))
}

// YAML is the text of the file.
func (f File) YAML() string {
	var ordered yaml.MapSlice
	text, err := json.Marshal(f)
	if err == nil {
		err = yaml.UnmarshalWithOptions(text, &ordered, yaml.UseOrderedMap())
	}
	if err == nil {
		text, err = yaml.MarshalWithOptions(ordered, yaml.UseSingleQuote(true))
	}
	if err != nil {
		panic("target: a file cannot be written as YAML: " + err.Error()) // strings and maps always can
	}
	return string(text)
}
