-- The last line wrk prints: what load.py reads.
function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format(
      '\n{"requests": %d, "rate": %.1f, "bytes": %d, "errors": %d, "p50": %.0f, "p99": %.0f}\n',
      summary.requests, summary.requests / summary.duration * 1e6, summary.bytes,
      errors.connect + errors.read + errors.write + errors.status + errors.timeout,
      latency:percentile(50), latency:percentile(99)))
end
