-- Sends requests one after the other, and then the first again.
function send_in_turn(requests)
   local last = 0
   request = function()
      last = last % #requests + 1
      return requests[last]
   end
end

-- Further paths, given behind the URL, are asked for in turn.
function init(paths)
   if #paths == 0 then return end
   local requests = {}
   for index, path in ipairs(paths) do requests[index] = wrk.format("GET", path) end
   send_in_turn(requests)
end

-- The last line wrk prints: what load.py and the bench of views read.
function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format(
      '\n{"requests": %d, "rate": %.1f, "bytes": %d, "errors": %d, "p50": %.0f, "p99": %.0f}\n',
      summary.requests, summary.requests / summary.duration * 1e6, summary.bytes,
      errors.connect + errors.read + errors.write + errors.status + errors.timeout,
      latency:percentile(50), latency:percentile(99)))
end
