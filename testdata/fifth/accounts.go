package fifth

// Client is an application that may ask for tokens.
type Client struct {
	ID       string
	Secret   string // the first one; regeneration replaces it
	ReturnTo string
}

// Human is somebody whose shelves the tokens open.
type Human struct {
	Number   int
	Name     string
	Password string
}

// The accounts of every server. They are awkward on purpose: a secret with a colon, which Basic allows; a
// return address that has a query already; a password that means something else in a form, in HTML and in a
// URL unless it is escaped.
var (
	Primary = Client{ID: "larder-one", Secret: "k7:Vq~9xT2-m4Rz8Hw1Lc6", ReturnTo: "http://one.pantry-client.example:8090/welcome?via=pantry"}
	Second  = Client{ID: "larder.two", Secret: "Jd3_Yb5nQe0:Gs7-Ux2Kf", ReturnTo: "http://two.pantry-client.example/in/"}
	Keeper  = Human{Number: 7001, Name: "mara.quince", Password: "bay & clove+50% <über> \"dill\""}
	Other   = Human{Number: 7002, Name: "otto.brine", Password: "sieve/colander=tongs"}
)
