dofile((debug.getinfo(1, "S").source:match("^@(.*/)") or "./") .. "../edge/summary.lua")

-- Behind the URL: a name of the round, how many sessions ping in turn, and the token of an account, if they are one's.
function init(words)
   local name, sessions, token = words[1], tonumber(words[2]), words[3]
   local fields = { ["Content-Type"] = "application/json" }
   if token then fields["Authorization"] = "Bearer " .. token end
   local requests = {}
   for index = 1, sessions do
      requests[index] = wrk.format("POST", nil, fields, string.format(
         '{"sessionId": "bench-%s-%06d", "positionSeconds": 1.5, "event": "progress"}', name, index))
   end
   send_in_turn(requests)
end
