package har

// The members of an HTTP Archive 1.2 that are written, in the order of its specification
// (w3c.github.io/web-performance/specs/HAR/Overview.html). None is left out that it requires.
type (
	archive struct {
		Log log `json:"log"`
	}
	log struct {
		Version string  `json:"version"`
		Creator creator `json:"creator"`
		Pages   []page  `json:"pages"`
		Entries []entry `json:"entries"`
		Comment string  `json:"comment"`
	}
	creator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	page struct {
		Started     string   `json:"startedDateTime"`
		ID          string   `json:"id"`
		Title       string   `json:"title"`
		PageTimings struct{} `json:"pageTimings"`
		Comment     string   `json:"comment,omitempty"`
	}
	entry struct {
		Pageref  string   `json:"pageref"`
		Started  string   `json:"startedDateTime"`
		Time     int64    `json:"time"`
		Request  request  `json:"request"`
		Response response `json:"response"`
		Cache    struct{} `json:"cache"`
		Timings  timings  `json:"timings"`
		Comment  string   `json:"comment"`
	}
	request struct {
		Method      string    `json:"method"`
		URL         string    `json:"url"`
		Version     string    `json:"httpVersion"`
		Cookies     []pair    `json:"cookies"`
		Headers     []pair    `json:"headers"`
		Query       []pair    `json:"queryString"`
		PostData    *postData `json:"postData,omitempty"`
		HeadersSize int       `json:"headersSize"`
		BodySize    int       `json:"bodySize"`
	}
	postData struct {
		Type   string `json:"mimeType"`
		Params []pair `json:"params"`
		Text   string `json:"text"`
	}
	response struct {
		Status      int     `json:"status"`
		StatusText  string  `json:"statusText"`
		Version     string  `json:"httpVersion"`
		Cookies     []pair  `json:"cookies"`
		Headers     []pair  `json:"headers"`
		Content     content `json:"content"`
		RedirectURL string  `json:"redirectURL"`
		HeadersSize int     `json:"headersSize"`
		BodySize    int     `json:"bodySize"`
		Comment     string  `json:"comment,omitempty"`
		Error       string  `json:"_error,omitempty"` // where Chromium's developer tools look for it
	}
	content struct {
		Size int    `json:"size"`
		Type string `json:"mimeType"`
		Text string `json:"text,omitempty"`
	}
	timings struct {
		Send    int64 `json:"send"`
		Wait    int64 `json:"wait"`
		Receive int64 `json:"receive"`
	}
	pair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)
