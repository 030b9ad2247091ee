// The buttons that open OHIF, on the page of a study and on the first page of Orthanc Explorer.

(function(isDicomWeb) {
  'use strict';

  var MODES = [
    [ 'Basic viewer', 'viewer?' ],
    [ 'Volume rendering', 'viewer?hangingprotocolId=mprAnd3DVolumeViewport&' ],
    [ 'Total metabolic tumor volume', 'tmtv?' ],
    [ 'Segmentation', 'segmentation?' ],
    [ 'Microscopy', 'microscopy?' ]
  ];

  function addButton(id, text, after) {
    var button = $('<a>', {
      'id': id,
      'href': '#',
      'data-role': 'button',
      'data-icon': 'search',
      'data-theme': 'e',
      'text': text
    });
    button.insertAfter($(after));
    return button;
  }

  // Orthanc's answer about the study says by which identifier OHIF finds it.
  function query(study) {
    if (isDicomWeb) {
      return 'StudyInstanceUIDs=' + encodeURIComponent(study.MainDicomTags.StudyInstanceUID);
    } else {
      return 'url=../studies/' + encodeURIComponent(study.ID) + '/ohif-dicom-json';
    }
  }

  function openDialog(study) {
    var list = $('<ul>', { 'data-role': 'listview', 'data-theme': 'd' });
    $.each(MODES, function(_, mode) {
      var link = $('<a>', {
        'href': '../ohif/' + mode[1] + query(study),
        'target': '_blank',
        'rel': 'close',
        'text': mode[0]
      });
      list.append($('<li>', { 'data-icon': 'arrow-r' }).append(link));
    });

    // The dialog takes its content away from the page, so that it needs a new one each time.
    $('#ohif-dialog').remove();
    $('<div>', { 'id': 'ohif-dialog' }).appendTo('#study');
    $('#ohif-dialog').simpledialog2({
      mode: 'blank',
      animate: false,
      headerText: 'Open OHIF viewer',
      headerClose: true,
      forceInput: false,
      width: '100%',
      blankContent: list
    });
  }

  $('#study').live('pagebeforecreate', function() {
    addButton('study-ohif', 'Open OHIF viewer', '#study-info').click(function() {
      $.getJSON('../studies/' + encodeURIComponent($.mobile.pageData.uuid), openDialog);
      return false;
    });
  });

  if (isDicomWeb) {
    $('#lookup').live('pagebeforecreate', function() {
      addButton('lookup-ohif', 'Open OHIF study list', '#lookup-result')
        .attr({ 'href': '../ohif/', 'target': '_blank' });
    });
  }
})(IS_DICOM_WEB);
