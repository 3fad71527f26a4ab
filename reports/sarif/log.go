package sarif

// The members of a SARIF 2.1.0 log that have something to say here, in the words of the standard (§3.13 and on).

type log struct {
	Schema  string `json:"$schema"`
	Version string `json:"version"`
	Runs    []run  `json:"runs"`
}

type run struct {
	Tool        tool           `json:"tool"`
	Automation  automation     `json:"automationDetails"`
	Invocations []invocation   `json:"invocations"`
	Columns     string         `json:"columnKind"`
	Results     []result       `json:"results"`
	Properties  map[string]any `json:"properties"`
}

type tool struct {
	Driver driver `json:"driver"`
}

type driver struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Rules   []rule `json:"rules"`
}

type automation struct {
	ID string `json:"id"`
}

type invocation struct {
	Successful bool   `json:"executionSuccessful"`
	ExitCode   int    `json:"exitCode"`
	Start      string `json:"startTimeUtc"`
	End        string `json:"endTimeUtc"`
}

type rule struct {
	ID         string        `json:"id"`
	Short      message       `json:"shortDescription"`
	Full       message       `json:"fullDescription"`
	Help       message       `json:"help"`
	Config     configuration `json:"defaultConfiguration"`
	Properties properties    `json:"properties"`
}

type configuration struct {
	Level string `json:"level"`
}

type properties struct {
	Tags []string `json:"tags"`
}

type message struct {
	Text string `json:"text"`
}

type result struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Level        string            `json:"level"`
	Message      message           `json:"message"`
	Locations    []location        `json:"locations"`
	Related      []location        `json:"relatedLocations,omitempty"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Suppressions []suppression     `json:"suppressions,omitempty"`
}

type location struct {
	Physical *physical `json:"physicalLocation,omitempty"`
	Logical  []logical `json:"logicalLocations,omitempty"`
	Message  *message  `json:"message,omitempty"`
}

type physical struct {
	Artifact artifact `json:"artifactLocation"`
	Region   region   `json:"region"`
}

type artifact struct {
	URI string `json:"uri"`
}

type region struct {
	Line int `json:"startLine"`
}

type logical struct {
	FullName string `json:"fullyQualifiedName"`
	Kind     string `json:"kind"`
}

type suppression struct {
	Kind          string `json:"kind"`
	Status        string `json:"status"`
	Justification string `json:"justification"`
}
