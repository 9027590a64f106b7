-- wrk: each request has an id of its own, so each is stored.
local body = os.getenv("OBSERVATION")
local counter = tonumber(os.getenv("FIRST_ID"))
request = function()
  counter = counter + 1
  return wrk.format("POST", "/predict", { ["Content-Type"] = "application/json" },
    '{"id": ' .. counter .. ', "observation": ' .. body .. '}')
end
local bad = 0
response = function(status) if status ~= 200 then bad = bad + 1 end end
done = function(summary, latency)
  io.write(string.format('{"requests":%d,"seconds":%.3f,"p50":%.3f,"p99":%.3f,"errors":%d}\n', summary.requests,
    summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
