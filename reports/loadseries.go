package reports

import (
	"math"
	"slices"
	"time"
)

// Times are counted in buckets each of which ends at 2^(1/2^TimesScale) times the end of the one before, in seconds, as the
// exponential histograms of OpenTelemetry and the native ones of Prometheus are: they can be added up over runs and machines.
const (
	TimesScale       = 3   // eight buckets until a time has doubled
	TimesLowestPower = -20 // of two: the first bucket is for what takes longer than a microsecond
	TimesLowest      = 1. / (1 << -TimesLowestPower)
	highestPower     = 17 // and the last for what takes a day and a half, or longer
	buckets          = (highestPower - TimesLowestPower) << TimesScale
)

// ends are where buckets end, in nanoseconds; the first is where the lowest begins.
var ends = func() (all [buckets + 1]int64) {
	for i := range all {
		all[i] = int64(math.Exp2(TimesLowestPower+float64(i)/(1<<TimesScale)) * float64(time.Second))
	}
	return all
}()

// LoadTimes counts times.
type LoadTimes struct {
	Below  uint64 // up to 2^TimesLowestPower seconds
	Counts [buckets]uint64
	Sum    float64 // nanoseconds: whole numbers add up exactly
}

// Add counts one.
func (b *LoadTimes) Add(took time.Duration) {
	b.Sum += float64(took)
	i, _ := slices.BinarySearch(ends[:], int64(took))
	if i == 0 {
		b.Below++
		return
	}
	b.Counts[min(i, buckets)-1]++
}

// Plus counts what another has counted.
func (b *LoadTimes) Plus(more *LoadTimes) {
	b.Sum += more.Sum
	b.Below += more.Below
	for i, n := range more.Counts {
		b.Counts[i] += n
	}
}

// Count is of all times.
func (b *LoadTimes) Count() uint64 {
	n := b.Below
	for _, count := range b.Counts {
		n += count
	}
	return n
}

// LoadSeries is what came of the requests of a part that had one outcome. It is told of while a load goes on, and in no report.
type LoadSeries struct {
	Part        string // as in LoadPart
	Method, URL string // of what it sends, the query aside

	Status           int    // 0: no answer, or Rest
	Why              string // there was no answer, in words; empty: there was one
	Error, Violation bool   // what it was worth; a violation is an error
	Rest             bool   // of all outcomes for which a part had no series left

	Latency, Service LoadTimes // from the intended moment, and from the real one
}

// PlusSeries counts the series of two loads together.
func PlusSeries(all, more []LoadSeries) []LoadSeries {
	all = slices.Clone(all)
	for _, s := range more {
		i := slices.IndexFunc(all, func(known LoadSeries) bool {
			known.Latency, known.Service = s.Latency, s.Service
			return known == s
		})
		if i < 0 {
			all = append(all, s)
			continue
		}
		all[i].Latency.Plus(&s.Latency)
		all[i].Service.Plus(&s.Service)
	}
	return all
}
