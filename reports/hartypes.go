package reports

// The members of an HTTP Archive 1.2 that are written, in the order of its specification
// (w3c.github.io/web-performance/specs/HAR/Overview.html). None is left out that it requires.
type (
	har struct {
		Log harLog `json:"log"`
	}
	harLog struct {
		Version string     `json:"version"`
		Creator harCreator `json:"creator"`
		Pages   []harPage  `json:"pages"`
		Entries []harEntry `json:"entries"`
		Comment string     `json:"comment"`
	}
	harCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harPage struct {
		Started     string   `json:"startedDateTime"`
		ID          string   `json:"id"`
		Title       string   `json:"title"`
		PageTimings struct{} `json:"pageTimings"`
		Comment     string   `json:"comment,omitempty"`
	}
	harEntry struct {
		Pageref  string      `json:"pageref"`
		Started  string      `json:"startedDateTime"`
		Time     int64       `json:"time"`
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
		Cache    struct{}    `json:"cache"`
		Timings  harTimings  `json:"timings"`
		Comment  string      `json:"comment"`
	}
	harRequest struct {
		Method      string       `json:"method"`
		URL         string       `json:"url"`
		Version     string       `json:"httpVersion"`
		Cookies     []harPair    `json:"cookies"`
		Headers     []harPair    `json:"headers"`
		Query       []harPair    `json:"queryString"`
		PostData    *harPostData `json:"postData,omitempty"`
		HeadersSize int          `json:"headersSize"`
		BodySize    int          `json:"bodySize"`
	}
	harPostData struct {
		Type   string    `json:"mimeType"`
		Params []harPair `json:"params"`
		Text   string    `json:"text"`
	}
	harResponse struct {
		Status      int        `json:"status"`
		StatusText  string     `json:"statusText"`
		Version     string     `json:"httpVersion"`
		Cookies     []harPair  `json:"cookies"`
		Headers     []harPair  `json:"headers"`
		Content     harContent `json:"content"`
		RedirectURL string     `json:"redirectURL"`
		HeadersSize int        `json:"headersSize"`
		BodySize    int        `json:"bodySize"`
		Comment     string     `json:"comment,omitempty"`
		Error       string     `json:"_error,omitempty"` // where Chromium's developer tools look for it
	}
	harContent struct {
		Size int    `json:"size"`
		Type string `json:"mimeType"`
		Text string `json:"text,omitempty"`
	}
	harTimings struct {
		Send    int64 `json:"send"`
		Wait    int64 `json:"wait"`
		Receive int64 `json:"receive"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)
