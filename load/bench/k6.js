import http from 'k6/http';

const { URL, BODY, LENGTH, CONNECTIONS, RATE } = __ENV;
const open = { executor: 'constant-arrival-rate', rate: +RATE, timeUnit: '1s', duration: LENGTH, preAllocatedVUs: +CONNECTIONS, maxVUs: +CONNECTIONS };
const closed = { executor: 'constant-vus', vus: +CONNECTIONS, duration: LENGTH, gracefulStop: '2s' };

export const options = {
  discardResponseBodies: true, // the others do not look at them either
  scenarios: { load: +RATE > 0 ? open : closed },
  summaryTrendStats: ['p(99)'],
};

export default function () {
  http.post(URL, BODY, { headers: { 'Content-Type': 'application/json' } });
}
