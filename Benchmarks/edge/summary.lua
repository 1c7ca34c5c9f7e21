-- Further paths, given behind the URL, are asked for one after the other, and then the first again.
function init(paths)
   if #paths == 0 then return end
   local requests, last = {}, 0
   for index, path in ipairs(paths) do requests[index] = wrk.format("GET", path) end
   request = function()
      last = last % #requests + 1
      return requests[last]
   end
end

-- The last line wrk prints: what load.py reads.
function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format(
      '\n{"requests": %d, "rate": %.1f, "bytes": %d, "errors": %d, "p50": %.0f, "p99": %.0f}\n',
      summary.requests, summary.requests / summary.duration * 1e6, summary.bytes,
      errors.connect + errors.read + errors.write + errors.status + errors.timeout,
      latency:percentile(50), latency:percentile(99)))
end
