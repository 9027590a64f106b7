/*!
 * study.js: the browser side of a study that is a single page, without other libraries. The
 * server puts it into the page. jsPsych 7 and 8 and lab.js save by themselves; other pages call
 * study.append(trial), study.save({ name: value }) and study.finish().
 */
;(function (root) {
  'use strict'

  var FIRST_RETRY_MS = 500
  var LONGEST_RETRY_MS = 15000
  var BEACON_BYTES_MAX = 60000
  var info = root.studyInfo || {}
  var page = Date.now().toString(36) + Math.random().toString(36).slice(2, 10)
  var number = 0
  var trials = []
  var questions = {}
  var events = []
  var sending = null
  var isFinished = false
  var isStarted = false
  var isRefused = false

  function address(part) {
    var token = info.token ? '&token=' + encodeURIComponent(info.token) : ''
    return '/append/' + encodeURIComponent(info.uniqueId) + '?part=' + part + token
  }

  function isEmpty() {
    return trials.length === 0 && events.length === 0 && Object.keys(questions).length === 0
  }

  /** Takes what waits as one message, which keeps its number however often it is sent. */
  function take() {
    number += 1
    var message = {
      part: page + '-' + number,
      body: JSON.stringify({ trials: trials, questions: questions, events: events }),
    }
    trials = []
    questions = {}
    events = []
    return message
  }

  function wait(ms) {
    return new Promise(function (resolve) {
      setTimeout(resolve, ms)
    })
  }

  function post(message, attempt) {
    return fetch(address(message.part), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      keepalive: message.body.length < BEACON_BYTES_MAX,
      body: message.body,
    }).then(
      function (answer) {
        if (answer.ok) return undefined
        // What the server has understood and refused does not get better by asking again.
        if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
          return refuse('the server refused a save with status ' + answer.status)
        }
        return again(message, attempt)
      },
      function () {
        return again(message, attempt)
      },
    )
  }

  function again(message, attempt) {
    var pause = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * Math.pow(2, attempt))
    return wait(pause * (0.5 + Math.random())).then(function () {
      return post(message, attempt + 1)
    })
  }

  function refuse(what) {
    isRefused = true
    showAlert()
    fetch('/psiturk_problem', {
      method: 'POST',
      body: new URLSearchParams({ uniqueId: info.uniqueId || '', what: what }),
    }).catch(function () {})
    throw new Error(what)
  }

  function showAlert() {
    if (document.getElementById('study-alert')) return
    var line = document.createElement('p')
    line.id = 'study-alert'
    line.setAttribute('role', 'alert')
    line.style.cssText =
      'position:fixed;z-index:99999;left:0;right:0;top:0;margin:0;padding:1em;background:#a11;color:#fff;font:16px/1.4 sans-serif'
    line.textContent =
      'Your answers cannot be saved: please do not continue.' +
      (info.contact ? ' Write to ' + info.contact + '.' : '')
    document.documentElement.appendChild(line)
  }

  /** Sends what waits, one message after the other; what comes meanwhile goes with the next one. */
  function flush() {
    if (sending) return sending
    if (isEmpty()) return Promise.resolve()
    if (!isStarted) start()
    sending = post(take(), 0).then(
      function () {
        sending = null
        return flush()
      },
      function (error) {
        sending = null
        throw error
      },
    )
    return sending
  }

  function start() {
    isStarted = true
    var form = new URLSearchParams({ uniqueId: info.uniqueId || '', token: info.token || '' })
    fetch('/inexp', { method: 'POST', body: form }).catch(function () {})
  }

  function quietly(work) {
    work.catch(function () {})
    return work
  }

  var study = {
    uniqueId: info.uniqueId,
    condition: info.condition,
    counterbalance: info.counterbalance,
    mode: info.mode,
    /** One trial, or a list of them: any JSON. Resolves when they are stored. */
    append: function (data) {
      var list = Array.isArray(data) ? data : [data]
      list.forEach(function (trialdata) {
        trials.push({ dateTime: Date.now(), trialdata: trialdata })
      })
      return quietly(flush())
    },
    /** Answers by name; a later one replaces an earlier one. */
    save: function (fields) {
      Object.keys(fields).forEach(function (name) {
        questions[name] = fields[name]
      })
      return quietly(flush())
    },
    /** Stores what waits, then leads to the last page. */
    finish: function () {
      if (isFinished) return Promise.resolve()
      isFinished = true
      return flush().then(function () {
        root.location.href =
          '/complete?uniqueId=' +
          encodeURIComponent(info.uniqueId) +
          '&mode=' +
          encodeURIComponent(info.mode)
      })
    },
  }
  root.study = study

  function noteEvent(type, value) {
    if (isFinished) return
    var now = Date.now()
    events.push({ eventtype: type, value: value, timestamp: now, interval: now - lastEvent })
    lastEvent = now
  }
  var lastEvent = Date.now()
  noteEvent('initialized', null)
  root.addEventListener('blur', function () {
    noteEvent('focus', 'off')
  })
  root.addEventListener('focus', function () {
    noteEvent('focus', 'on')
  })
  root.addEventListener('pagehide', function () {
    if (isEmpty() || isRefused) return
    var message = take()
    if (message.body.length > BEACON_BYTES_MAX) return
    navigator.sendBeacon(
      address(message.part),
      new Blob([message.body], { type: 'application/json' }),
    )
  })
  if (!info.uniqueId) showAlert()

  /** Calls `change` with a library when its script assigns it to the page. */
  function whenDefined(name, change) {
    var value
    Object.defineProperty(root, name, {
      configurable: true,
      enumerable: true,
      get: function () {
        return value
      },
      set: function (given) {
        value = change(given)
      },
    })
  }

  /** The study's own function, after ours. */
  function both(ours, theirs) {
    return function () {
      ours.apply(this, arguments)
      return theirs ? theirs.apply(this, arguments) : undefined
    }
  }

  /** jsPsych 7 and 8: each trial as it ends, and the last page after the study's own on_finish. */
  function withJsPsych(init) {
    return function (options) {
      var given = options || {}
      var settings = Object.assign({}, given, {
        on_data_update: both(function (data) {
          void study.append(data)
        }, given.on_data_update),
        on_finish: function () {
          var own = given.on_finish ? given.on_finish.apply(this, arguments) : undefined
          void Promise.resolve(own).then(function () {
            return study.finish()
          })
        },
      })
      return init(settings)
    }
  }
  whenDefined('initJsPsych', withJsPsych)

  /** lab.js: each row that is committed, and the last page when the whole study has ended. */
  function withLab(lab) {
    var Store = lab && lab.data && lab.data.Store
    var Component = lab && lab.core && lab.core.Component
    if (!Store || !Component) return lab
    var commit = Store.prototype.commit
    Store.prototype.commit = function () {
      var result = commit.apply(this, arguments)
      var rows = this.data || []
      if (rows.length > 0) study.append(JSON.parse(JSON.stringify(rows[rows.length - 1])))
      return result
    }
    var run = Component.prototype.run
    Component.prototype.run = function () {
      if (!root.studyHasRoot) {
        root.studyHasRoot = true
        this.on('end', function () {
          study.finish()
        })
      }
      return run.apply(this, arguments)
    }
    return lab
  }
  whenDefined('lab', withLab)
})(window)
