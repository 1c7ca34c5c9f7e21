-- Behind the URL: a name of the round, how many sessions ping in turn, and the token of an account, if they are one's.
function init(words)
   local name, sessions, token = words[1], tonumber(words[2]), words[3]
   local fields = { ["Content-Type"] = "application/json" }
   if token then fields["Authorization"] = "Bearer " .. token end
   local requests, last = {}, 0
   for index = 1, sessions do
      requests[index] = wrk.format("POST", nil, fields, string.format(
         '{"sessionId": "bench-%s-%06d", "positionSeconds": 1.5, "event": "progress"}', name, index))
   end
   request = function()
      last = last % #requests + 1
      return requests[last]
   end
end

-- The last line wrk prints.
function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format(
      '\n{"requests": %d, "rate": %.1f, "errors": %d, "p50": %.0f, "p99": %.0f}\n',
      summary.requests, summary.requests / summary.duration * 1e6,
      errors.connect + errors.read + errors.write + errors.status + errors.timeout,
      latency:percentile(50), latency:percentile(99)))
end
