/* oxlint-disable no-unused-vars -- ES5 has no catch without a name */
/*!
 * psiturk.js: the browser side of an experiment, for pages written for psiTurk.
 * Needs jQuery, Underscore and Backbone, of any age, loaded before it.
 */
/* global Backbone, jQuery, _ */
;(function (root) {
  'use strict'

  var $ = root.jQuery || root.$
  var FIRST_RETRY_MS = 500
  var LONGEST_RETRY_MS = 15000
  var RETRIES_MAX = 8
  var LOAD_TRIES = 3
  var BEACON_BYTES_MAX = 60000
  var RESIZE_QUIET_MS = 200
  var LOCAL_COPY = 'psiturk-unsaved:'

  if (!root.Backbone.Notifications) {
    root.Backbone.Notifications = _.extend({}, root.Backbone.Events)
  }
  var notifications = root.Backbone.Notifications

  function now() {
    return new Date().getTime()
  }

  /** The server's token for this participant, where the study asks for one. */
  function readToken() {
    return $('meta[name="psiturk-token"]').attr('content') || ''
  }

  /**
   * The id as it is. Pages get one with letters that HTML, scripts or addresses read differently as
   * `~…~`, its UTF-8 bytes in base64url.
   */
  function plainId(text) {
    var found = /^~([\w-]+)~$/.exec(text)
    if (!found || !root.atob) return text
    try {
      var bytes = root.atob(found[1].replace(/-/g, '+').replace(/_/g, '/'))
      var encoded = ''
      for (var i = 0; i < bytes.length; i += 1) {
        encoded += '%' + ('0' + bytes.charCodeAt(i).toString(16)).slice(-2)
      }
      return decodeURIComponent(encoded)
    } catch (error) {
      return text
    }
  }

  /** A sentence over the page that stays when the study replaces its body. */
  function showAlert(text) {
    if ($('#psiturk-alert').length > 0) return
    var contact = root.psiturkContact ? ' Write to ' + root.psiturkContact + '.' : ''
    $('<p id="psiturk-alert" role="alert"></p>')
      .css({
        position: 'fixed',
        zIndex: 99999,
        left: 0,
        right: 0,
        top: 0,
        margin: 0,
        padding: '1em',
        background: '#a11',
        color: '#fff',
        font: '16px/1.4 sans-serif',
      })
      .text(text + contact)
      .appendTo(root.document.documentElement)
  }

  /** What cannot be saved is said to the participant, and to the log of the server. */
  function reportProblem(id, what) {
    showAlert('Your answers cannot be saved: please do not continue. Load this page again.')
    $.ajax({
      url: '/psiturk_problem',
      type: 'POST',
      data: { uniqueId: id || '', what: what },
    })
  }

  /** Names this load of the page, so that the server can tell late saves from new ones. */
  function newPageId() {
    return now().toString(36) + Math.random().toString(36).slice(2, 10)
  }

  /** A copy of what is not acknowledged yet; storage may be full or forbidden, and then there is none. */
  function localCopy(id) {
    var key = LOCAL_COPY + id
    return {
      put: function (text) {
        try {
          root.localStorage.setItem(key, text)
        } catch (error) {
          this.drop()
        }
      },
      take: function () {
        try {
          return root.localStorage.getItem(key)
        } catch (error) {
          return null
        }
      },
      drop: function () {
        try {
          root.localStorage.removeItem(key)
        } catch (error) {
          // Nothing is kept, nothing is lost.
        }
      },
    }
  }

  /**
   * Sends documents one after the other, the newest last. A failed one is tried again with growing
   * pauses; while one is under way, only the newest of the waiting ones matters, since each holds
   * everything before it. `success` and `error` of every caller are called.
   */
  function createSaver(id, token) {
    var page = newPageId()
    var sequence = 0
    var copy = localCopy(id)
    var waiting = null
    var running = null

    function address() {
      return '/sync/' + encodeURIComponent(id)
    }

    function isFinal(status, text) {
      // What the server has understood and refused does not get better by asking again.
      return (
        (status >= 400 && status < 500 && status !== 408 && status !== 429) ||
        /Unique user not found/.test(text || '')
      )
    }

    function send(job) {
      running = job
      job.attempt += 1
      $.ajax({
        url: address(),
        type: 'PUT',
        contentType: 'application/json',
        dataType: 'json',
        data: job.text,
        processData: false,
        headers: headersOf(job),
        success: function (answer, _text, request) {
          finish(job, 'success', [answer, 'success', request])
        },
        error: function (request, kind, reason) {
          if (isFinal(request.status, request.responseText) || job.attempt > RETRIES_MAX) {
            finish(job, 'error', [request, kind, reason])
          } else {
            var pause = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * Math.pow(2, job.attempt - 1))
            setTimeout(
              function () {
                retry(job)
              },
              pause * (0.5 + Math.random())
            )
          }
        },
      })
    }

    /** A newer document that waits takes over the callers of the one that failed. */
    function retry(job) {
      if (!waiting) return send(job)
      var next = waiting
      waiting = null
      next.callers = job.callers.concat(next.callers)
      send(next)
    }

    function headersOf(job) {
      var headers = { 'X-PsiTurk-Save': page + '-' + job.sequence }
      if (token) headers['X-PsiTurk-Token'] = token
      return headers
    }

    function finish(job, outcome, args) {
      running = null
      if (outcome === 'success' && !waiting) copy.drop()
      var next = waiting
      waiting = null
      if (next) send(next)
      var isTold = false
      _.each(job.callers, function (caller) {
        if (!caller || !caller[outcome]) return
        isTold = isTold || caller.isOfStudy
        caller[outcome].apply(null, args)
      })
      if (outcome === 'error' && !isTold) {
        reportProblem(id, 'a save was refused with status ' + (args[0] && args[0].status))
      }
    }

    return {
      save: function (text, caller) {
        sequence += 1
        copy.put(text)
        var job = { text: text, sequence: sequence, attempt: 0, callers: [caller] }
        if (!running) return send(job)
        if (waiting) job.callers = waiting.callers.concat(job.callers)
        waiting = job
      },
      /** The page goes away: hands the document to the browser, which sends it even then. */
      saveOnLeave: function (text) {
        sequence += 1
        copy.put(text)
        var query =
          '?save=' + page + '-' + sequence + (token ? '&token=' + encodeURIComponent(token) : '')
        var isSent = false
        if (root.navigator.sendBeacon && root.Blob && text.length < BEACON_BYTES_MAX) {
          isSent = root.navigator.sendBeacon(
            address() + query,
            new root.Blob([text], { type: 'application/json' })
          )
        }
        if (isSent) return
        $.ajax({
          url: address() + query,
          type: 'POST',
          contentType: 'application/json',
          data: text,
          processData: false,
        })
      },
      /** What an earlier load of this page could not get acknowledged. */
      unsaved: function () {
        return copy.take()
      },
      forget: function () {
        copy.drop()
      },
      isBusy: function () {
        return running !== null
      },
    }
  }

  function createTaskData(id, adServerLoc, mode, saver, token) {
    var TaskData = root.Backbone.Model.extend({
      urlRoot: '/sync',
      id: id,
      adServerLoc: adServerLoc,
      mode: mode,

      defaults: {
        condition: 0,
        counterbalance: 0,
        assignmentId: 0,
        workerId: 0,
        hitId: 0,
        currenttrial: 0,
        bonus: 0,
        data: [],
        questiondata: {},
        eventdata: [],
        useragent: '',
        mode: '',
      },

      initialize: function () {
        // Own lists, so that two objects on one page do not share the defaults.
        this.set({
          data: [],
          questiondata: {},
          eventdata: [],
          useragent: root.navigator.userAgent,
          mode: mode,
          id: id,
        })
        this.addEvent('initialized', null)
        this.addEvent('window_resize', [root.innerWidth, root.innerHeight])
      },

      sync: function (method, model, options) {
        options = options || {}
        if (method === 'read') return this.load(options)
        if (method === 'create' || method === 'update' || method === 'patch') {
          return this.store(options)
        }
        return undefined
      },

      /** Promises what the callbacks get, as the request of Backbone's own `sync` does. */
      store: function (options) {
        var stored = $.Deferred()
        saver.save(JSON.stringify(this.toJSON()), {
          // Backbone wraps each save in its own callbacks.
          isOfStudy: options.isOfStudy === true,
          success: function () {
            if (options.success) options.success.apply(options, arguments)
            stored.resolve.apply(stored, arguments)
          },
          error: function () {
            if (options.error) options.error.apply(options, arguments)
            stored.reject.apply(stored, arguments)
          },
        })
        return stored.promise()
      },

      load: function (options) {
        return $.ajax({
          url: '/sync/' + encodeURIComponent(id),
          type: 'GET',
          dataType: 'json',
          cache: false,
          async: options.async !== false,
          headers: token ? { 'X-PsiTurk-Token': token } : {},
          success: options.success,
          error: options.error,
        })
      },

      addTrialData: function (trialdata) {
        var trial = {
          uniqueid: this.id,
          current_trial: this.get('currenttrial'),
          dateTime: now(),
          trialdata: trialdata,
        }
        // In place: experiments keep the lists that they were given.
        this.get('data').push(trial)
        this.set({ currenttrial: this.get('currenttrial') + 1 })
      },

      addUnstructuredData: function (field, response) {
        this.get('questiondata')[field] = response
      },

      addEvent: function (eventtype, value) {
        var events = this.get('eventdata')
        var timestamp = now()
        var last = events[events.length - 1]
        var interval = last ? timestamp - last.timestamp : 0
        events.push({
          eventtype: eventtype,
          value: value,
          timestamp: timestamp,
          interval: interval,
        })
      },
    })
    return new TaskData()
  }

  function createInstructions(psiturk, pages, callback) {
    var current = 0
    var shownAt = 0

    function record(action) {
      psiturk.recordTrialData({
        phase: 'INSTRUCTIONS',
        template: pages[current],
        indexOf: current,
        action: action,
        viewTime: now() - shownAt,
      })
    }

    function next() {
      record(current === pages.length - 1 ? 'FinishInstructions' : 'NextPage')
      current += 1
      if (current < pages.length) return show()
      psiturk.finishInstructions()
      if (callback) callback()
    }

    function previous() {
      record('PrevPage')
      current -= 1
      show()
    }

    function show() {
      psiturk.showPage(pages[current])
      // On the element around them: pages bring their buttons in later, once they were read.
      $('.instructionsnav').on('click', '.continue', next)
      if (current > 0) $('.instructionsnav').on('click', '.previous', previous)
      shownAt = now()
    }

    psiturk.recordTrialData({ phase: 'INSTRUCTIONS', templates: pages, action: 'Begin' })
    return {
      start: show,
      indicator: function () {
        return {
          currently_viewing: { indexOf: current, template: pages[current] },
          instruction_deck: { total_pages: pages.length, templates: pages },
        }
      },
    }
  }

  function loadPage(name, async, done, failed) {
    return $.ajax({
      url: name,
      type: 'GET',
      dataType: 'html',
      async: async,
      cache: true,
      success: done,
      error: failed,
    })
  }

  function PsiTurk(givenId, givenLoc, givenMode) {
    // Experiments of the first version give nothing: their pages have it all as variables.
    var uniqueId = plainId(givenId || root.uniqueId)
    var adServerLoc = givenLoc || root.adServerLoc || '/complete'
    var mode = givenMode || (givenId ? undefined : root.mode)
    // Experiments also call it without `new`, and hand its methods on without the object.
    var psiturk = this instanceof PsiTurk ? this : Object.create(PsiTurk.prototype)
    var token = readToken()
    var saver = createSaver(uniqueId, token)
    var taskdata = createTaskData(uniqueId, adServerLoc, mode || 'live', saver, token)
    var instructions = null
    var resizeTimer = null

    psiturk.taskdata = taskdata
    psiturk.pages = {}

    psiturk.preloadImages = function (images) {
      _.each(images, function (source) {
        new root.Image().src = source
      })
    }

    /** Loads at once, since old experiments use the pages in the next line, and promises the same. */
    psiturk.preloadPages = function (names) {
      var failure = null
      _.each(names, function (name) {
        loadPage(
          name,
          false,
          function (html) {
            psiturk.pages[name] = html
          },
          function () {
            failure = failure || new Error('The page ' + name + ' could not be loaded.')
          }
        )
      })
      if (!root.Promise) return $.Deferred().resolve().promise()
      return failure ? root.Promise.reject(failure) : root.Promise.resolve()
    }

    psiturk.getPage = function (name) {
      if (!_.has(psiturk.pages, name)) {
        throw new Error('Attemping to load page before preloading: ' + name)
      }
      return psiturk.pages[name]
    }

    psiturk.showPage = function (name) {
      $('body').html(psiturk.getPage(name))
    }

    psiturk.recordTrialData = function (trialdata) {
      taskdata.addTrialData(trialdata)
    }

    psiturk.recordUnstructuredData = function (field, value) {
      taskdata.addUnstructuredData(field, value)
    }

    psiturk.getTrialData = function () {
      return taskdata.get('data')
    }

    psiturk.getEventData = function () {
      return taskdata.get('eventdata')
    }

    psiturk.getQuestionData = function () {
      return taskdata.get('questiondata')
    }

    psiturk.saveData = function (callbacks) {
      var isOfStudy = Boolean(callbacks && callbacks.error)
      taskdata.save(undefined, _.extend({}, callbacks, { isOfStudy: isOfStudy }))
    }

    function leave() {
      saver.saveOnLeave(JSON.stringify(taskdata.toJSON()))
      var form = { uniqueId: uniqueId }
      if (token) form.token = token
      var body = $.param(form)
      var isSent = false
      if (root.navigator.sendBeacon && root.Blob) {
        isSent = root.navigator.sendBeacon(
          'quitter',
          new root.Blob([body], { type: 'application/x-www-form-urlencoded' })
        )
      }
      if (!isSent) $.ajax({ url: 'quitter', type: 'POST', data: form })
      return 'By leaving this page you quit the experiment. Do you really want to leave?'
    }

    function warnBeforeLeaving(event) {
      var text = leave()
      event = event || root.event
      if (event && event.preventDefault) event.preventDefault()
      if (event) event.returnValue = text
      return text
    }

    /** Notifies the server that the experiment proper begins; asked again until it knows. */
    function reportStart(attempt) {
      var form = { uniqueId: uniqueId }
      if (token) form.token = token
      $.ajax({
        url: 'inexp',
        type: 'POST',
        data: form,
        error: function (request) {
          if ((request.status >= 400 && request.status < 500) || attempt >= RETRIES_MAX) return
          setTimeout(
            function () {
              reportStart(attempt + 1)
            },
            Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * Math.pow(2, attempt))
          )
        },
      })
    }

    psiturk.startTask = function () {
      psiturk.saveData()
      reportStart(0)
      if (taskdata.mode !== 'debug') $(root).on('beforeunload.psiturk', nativeEvent)
    }

    function nativeEvent(event) {
      return warnBeforeLeaving(event && event.originalEvent ? event.originalEvent : event)
    }

    psiturk.finishInstructions = function (message) {
      notifications.trigger('_psiturk_finishedinstructions', message)
    }

    psiturk.teardownTask = function (message) {
      notifications.trigger('_psiturk_finishedtask', message)
    }

    psiturk.completeHIT = function () {
      psiturk.teardownTask()
      root.location =
        adServerLoc +
        '?uniqueId=' +
        encodeURIComponent(uniqueId) +
        '&mode=' +
        encodeURIComponent(taskdata.mode)
    }

    psiturk.computeBonus = function (url, callback, attempt) {
      $.ajax({
        url: url,
        type: 'GET',
        data: { uniqueId: uniqueId },
        cache: false,
        success: callback,
        error: function (request) {
          var tries = attempt || 1
          if ((request.status >= 400 && request.status < 500) || tries > RETRIES_MAX) return
          setTimeout(function () {
            psiturk.computeBonus(url, callback, tries + 1)
          }, FIRST_RETRY_MS * tries)
        },
      })
    }

    psiturk.doInstructions = function (pages, callback) {
      instructions = createInstructions(psiturk, pages, callback)
      instructions.start()
    }

    psiturk.getInstructionIndicator = function () {
      return instructions ? instructions.indicator() : undefined
    }

    function recover() {
      // The copy is of a save that was not acknowledged, so it is the newer one, unless another page
      // has recorded more trials meanwhile.
      var text = saver.unsaved()
      if (!text) return
      try {
        var copy = JSON.parse(text)
        if (copy.id === uniqueId && copy.currenttrial >= taskdata.get('currenttrial')) {
          taskdata.set(copy)
          psiturk.saveData()
        } else {
          saver.forget()
        }
      } catch (error) {
        saver.forget()
      }
    }

    notifications.on('_psiturk_finishedinstructions', psiturk.startTask)
    notifications.on('_psiturk_finishedtask', function () {
      // The experiment's own warnings, too: it is over.
      $(root).off('beforeunload')
    })
    notifications.on('_psiturk_lostfocus', function () {
      taskdata.addEvent('focus', 'off')
    })
    notifications.on('_psiturk_gainedfocus', function () {
      taskdata.addEvent('focus', 'on')
    })
    notifications.on('_psiturk_windowresize', function (size) {
      taskdata.addEvent('window_resize', size)
    })

    // At once, because code right after the constructor reads the condition.
    var isLoaded = false
    var failure = 0
    for (var attempt = 0; attempt < LOAD_TRIES && !isLoaded; attempt += 1) {
      taskdata.load({
        async: false,
        success: function (answer) {
          isLoaded = true
          taskdata.set(answer)
          recover()
        },
        error: function (request) {
          failure = request.status
        },
      })
    }
    if (!isLoaded) reportProblem(uniqueId, 'the participant could not be loaded, status ' + failure)

    // By the notifications, which experiments listen to.
    $(root).on('blur', function () {
      notifications.trigger('_psiturk_lostfocus')
    })
    $(root).on('focus', function () {
      notifications.trigger('_psiturk_gainedfocus')
    })
    $(root).on('resize', function () {
      clearTimeout(resizeTimer)
      resizeTimer = setTimeout(function () {
        notifications.trigger('_psiturk_windowresize', [root.innerWidth, root.innerHeight])
      }, RESIZE_QUIET_MS)
    })
    $(root).on('pagehide', function () {
      if (saver.isBusy()) saver.saveOnLeave(JSON.stringify(taskdata.toJSON()))
    })

    return psiturk
  }

  root.PsiTurk = PsiTurk
})(window)
